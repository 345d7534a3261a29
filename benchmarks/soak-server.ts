/** The server under soak: a process of its own, its metrics page and its memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { readyUrl } from "../src/targets/server-process.js";

/** Tenths of a second. */
const SETTLE_ATTEMPTS = 20;

/** What soak-probe.mjs answers. */
export interface Memory {
  /** Resident memory as it was. */
  readonly rssBytes: number;
  /** What is kept: resident memory after the garbage of all threads was collected, without the pages V8 then has free. */
  readonly keptBytes: number;
  /** Live objects on the JavaScript heaps of the main thread and of the engine host. */
  readonly mainHeapBytes: number;
  readonly hostHeapBytes: number;
  /** Buffers outside the main thread's heap. */
  readonly externalBytes: number;
}

export class SoakServer {
  /** Everything that was written to stdout and stderr, but for the address. */
  readonly complaints: string[] = [];
  readonly exited: Promise<number | null>;

  private constructor(
    readonly child: ChildProcess,
    /** Set once the server listens. */
    public url = "",
  ) {
    this.exited = new Promise((resolve) => child.once("exit", resolve));
  }

  /** Starts `sluice serve` with these flags and waits until it listens. */
  static async start(flags: readonly string[]): Promise<SoakServer> {
    const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
    const probe = new URL("soak-probe.mjs", import.meta.url).href;
    const words = ["--expose-gc", "--import", probe, main, "serve", "--port", "0", "--log-level", "error", ...flags];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    const server = new SoakServer(child);
    child.stdout!.on("data", (data) => server.complaints.push(String(data)));
    child.stderr!.on("data", (data) => {
      if (!String(data).includes("is served at")) server.complaints.push(String(data));
    });
    server.url = await readyUrl(child);
    return server;
  }

  async memory(): Promise<Memory> {
    const answer = once(this.child, "message");
    this.child.send("memory");
    return (await answer)[0] as Memory;
  }

  /** Values of the metrics page by name, added up over labels. */
  async readMetrics(): Promise<(name: string) => number> {
    const lines = (await (await fetch(`${this.url}/metrics`)).text()).split("\n");
    return (name) =>
      lines
        .filter((line) => line.startsWith(name) && /[{,]/.test(line.charAt(name.length)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  }

  /** Whether no request is left a moment after the last client went. */
  async settled(): Promise<boolean> {
    for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
      const metric = await this.readMetrics();
      if (metric("sluice:num_requests_running") + metric("sluice:num_requests_waiting") === 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  /** Notes the longest queue that the server reports until it is stopped. */
  watchQueue(): { stop(): Promise<number> } {
    let most = 0;
    let stopped = false;
    const watching = (async () => {
      while (!stopped) {
        most = Math.max(most, (await this.readMetrics())("sluice:num_requests_waiting"));
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    return {
      async stop() {
        stopped = true;
        await watching;
        return most;
      },
    };
  }
}
