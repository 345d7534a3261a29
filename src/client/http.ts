/** HTTP with connections that are used again: what a load generator needs, no more. */
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { SluiceError } from "../errors.js";

export interface HttpOptions {
  /** Sent as a bearer token. */
  readonly apiKey: string | undefined;
  /** A server that sends nothing for so long has stalled. */
  readonly stallTimeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Seconds that a `Retry-After` header asks for. */
  readonly retryAfterS: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One server, over as many connections as there are requests under way. */
export class HttpClient {
  readonly #agent: HttpAgent;
  readonly #send: typeof httpRequest;

  constructor(
    readonly origin: URL,
    private readonly options: HttpOptions,
  ) {
    const secure = origin.protocol === "https:";
    this.#agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
    this.#send = secure ? httpsRequest : httpRequest;
  }

  /**
   * Sends a request and waits for the head of its answer; the body is read by the caller.
   *
   * @throws SluiceError `target_unreachable` when nothing answers, `target_failed` when the connection breaks or stalls,
   *   `cancelled` when `signal` is set off
   */
  async send(method: "GET" | "POST", url: URL, body: unknown, signal: AbortSignal): Promise<HttpAnswer> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    try {
      return await this.#attempt(method, url, payload, signal);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      // The server had closed the idle connection before anything of this request reached it.
      return await this.#attempt(method, url, payload, signal);
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  #attempt(method: string, url: URL, payload: Buffer | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.#send(url, { method, agent: this.#agent, signal, headers: this.#headers(payload) });
      request.setNoDelay(true);
      let answer: IncomingMessage | undefined;
      request.setTimeout(this.options.stallTimeoutMs, () => (answer ?? request).destroy(this.#stalled(url)));
      request.on("error", (error) =>
        reject(isStale(error, request) ? new StaleConnection() : this.#translate(error, url, signal)),
      );
      request.on("response", (message) => {
        answer = message;
        resolve(this.#answer(message, url, signal));
      });
      request.end(payload);
    });
  }

  #headers(payload: Buffer | undefined): Record<string, string | number> {
    return {
      accept: "application/json, text/event-stream",
      ...(payload ? { "content-type": "application/json", "content-length": payload.length } : {}),
      ...(this.options.apiKey === undefined ? {} : { authorization: `Bearer ${this.options.apiKey}` }),
    };
  }

  #answer(message: IncomingMessage, url: URL, signal: AbortSignal): HttpAnswer {
    const retryAfter = message.headers["retry-after"];
    const retryAfterS = retryAfter === undefined ? Number.NaN : Number(retryAfter);
    return {
      status: message.statusCode ?? 0,
      contentType: message.headers["content-type"] ?? "",
      retryAfterS: Number.isFinite(retryAfterS) ? retryAfterS : undefined,
      body: bodyOf(message, (error) => this.#translate(error, url, signal)),
    };
  }

  #translate(error: Error, url: URL, signal: AbortSignal): SluiceError {
    if (error instanceof SluiceError) return error;
    if (signal.aborted) return new SluiceError("cancelled", "the request was cancelled", { cause: error });
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"].includes(code)) {
      return new SluiceError("target_unreachable", `nothing listens at ${url.origin} (${code})`, { cause: error });
    }
    return new SluiceError("target_failed", `the connection to ${url.href} broke: ${error.message}`, { cause: error });
  }

  #stalled(url: URL): SluiceError {
    const seconds = this.options.stallTimeoutMs / 1000;
    return new SluiceError("target_failed", `${url.href} sent nothing for ${seconds} s: it has stalled`);
  }
}

/** The connection that the agent gave us was dead already. */
class StaleConnection extends Error {}

/** Errors come before the head of an answer here: a kept connection that fails then was closed while it was idle. */
function isStale(error: Error, request: ClientRequest): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return request.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
}

async function* bodyOf(message: IncomingMessage, translate: (error: Error) => SluiceError): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of message) yield piece as Uint8Array;
  } catch (error) {
    throw translate(error as Error);
  }
}

/** All of a body as text. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
