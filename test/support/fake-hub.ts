import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The part of the Hugging Face hub that a download needs, on loopback, for tests: the file tree of a repository, and its
 * files with ranges, which come from a second origin after a redirect. It can misbehave as real connections do.
 */
export class FakeHub {
  readonly #api = createServer((request, response) => this.#answer(request, response));
  readonly #storage = createServer((request, response) => this.#store(request, response));
  /** The repository's large files. */
  readonly files = new Map<string, Buffer>();
  /** Every file request that asked for content, as "PATH RANGE". */
  readonly downloads: string[] = [];
  /** Requests without this token are refused with 401. */
  requiredToken: string | undefined;
  /** Content requests whose connection is cut after `cutAfterBytes`. */
  cutsLeft = 0;
  cutAfterBytes = 0;
  ignoresRanges = false;
  /** Announces a SHA-256 that is not the content's. */
  liesAboutHash = false;

  private constructor(readonly repo: string) {}

  static async start(repo: string): Promise<FakeHub> {
    const hub = new FakeHub(repo);
    for (const server of [hub.#api, hub.#storage]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return hub;
  }

  get url(): string {
    return origin(this.#api);
  }

  async stop(): Promise<void> {
    for (const server of [this.#api, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url!, this.url).pathname);
    if (this.requiredToken !== undefined && request.headers.authorization !== `Bearer ${this.requiredToken}`) {
      sendJson(response, 401, { error: "Invalid username or password." });
    } else if (path === `/api/models/${this.repo}/tree/main`) {
      sendJson(response, 200, this.#tree());
    } else if (path.startsWith(`/${this.repo}/resolve/main/`)) {
      this.#redirect(path.slice(`/${this.repo}/resolve/main/`.length), response);
    } else {
      sendJson(response, 404, { error: "Repository not found" });
    }
  }

  #tree(): unknown[] {
    const files = [...this.files].map(([path, content]) => {
      const oid = createHash("sha256").update(this.liesAboutHash ? "other" : content);
      const sizes = { size: content.length, lfs: { oid: oid.digest("hex"), size: content.length, pointerSize: 134 } };
      return { type: "file", path, oid: "0".repeat(40), ...sizes };
    });
    return [{ type: "file", path: "README.md", oid: "1".repeat(40), size: 12 }, ...files];
  }

  #redirect(path: string, response: ServerResponse): void {
    if (this.files.has(path)) {
      response.writeHead(302, { location: `${origin(this.#storage)}/${path}` }).end();
    } else {
      response.setHeader("x-error-code", "EntryNotFound");
      sendJson(response, 404, { error: "Entry not found" });
    }
  }

  /** Signed addresses need no token, and one that comes along is one that leaked. */
  #store(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url!.slice(1));
    const content = this.files.get(path);
    if (content === undefined || request.headers.authorization !== undefined) {
      response.writeHead(400).end();
      return;
    }
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    // The size is asked for with a range of one byte.
    const asksForSize = to === "0";
    if (!asksForSize) this.downloads.push(`${path} ${request.headers.range}`);
    const start = this.ignoresRanges && !asksForSize ? 0 : Number(from);
    const end = asksForSize ? 1 : content.length;
    response.setHeader("etag", '"content"');
    response.setHeader("content-length", end - start);
    if (start > 0 || asksForSize || !this.ignoresRanges) {
      response.setHeader("content-range", `bytes ${start}-${end - 1}/${content.length}`);
      response.writeHead(206);
    } else {
      response.writeHead(200);
    }
    if (!asksForSize && this.cutsLeft > 0) {
      this.cutsLeft--;
      response.write(content.subarray(start, start + this.cutAfterBytes), () => response.destroy());
    } else {
      response.end(content.subarray(start, end));
    }
  }
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
