import { join } from "node:path";
import { peersFolder } from "./paths.js";
import type { DrivenPeer, Measurement, Peer, ServedPeer, StartOptions, Workload } from "./peer.js";
import { JsonLineChild, startServer } from "./processes.js";

const packageFolder = join(peersFolder, "..", "..");

/** `sluice serve`, as built; `poll` other than the default, to compare. */
export class SluiceServer implements Peer {
  readonly name: string;
  readonly note = "continuous, over HTTP";
  readonly #flags: readonly string[];

  constructor(poll?: number) {
    this.#flags = poll === undefined ? [] : ["--poll", `${poll}`];
    this.name = ["sluice serve", ...this.#flags].join(" ");
  }

  async setup(): Promise<void> {}

  async start({ modelPath, threads, slots, contextPerSlot, port }: StartOptions): Promise<ServedPeer> {
    const baseUrl = `http://127.0.0.1:${port}`;
    const args = [join(packageFolder, "dist", "cli", "main.js"), "serve", "--model", modelPath, "--port", `${port}`];
    args.push("--threads", `${threads}`, "--slots", `${slots}`, "--max-num-seqs", `${slots}`);
    args.push("--context-size", `${contextPerSlot}`, "--log-level", "error", ...this.#flags);
    const server = await startServer(process.execPath, args, `${baseUrl}/ready`);
    return { kind: "http", baseUrl, stop: () => server.stop() };
  }
}

/** The library in a process of its own. */
export class SluiceInProcess implements Peer {
  readonly name = "sluice in-process";
  readonly note = "continuous, the library";

  async setup(): Promise<void> {}

  async start({ modelPath, threads, slots, contextPerSlot }: StartOptions): Promise<DrivenPeer> {
    const settings = JSON.stringify({ modelPath, threads, slots, contextPerSlot });
    const driver = await JsonLineChild.start(process.execPath, [join(peersFolder, "sluice.driver.mjs"), settings]);
    return {
      kind: "driver",
      measure: async (workload: Workload) => (await driver.ask(workload)) as Measurement,
      stop: () => driver.stop(),
    };
  }
}
