import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { peersFolder } from "./paths.js";
import type { DrivenPeer, Measurement, Peer, StartOptions, Workload } from "./peer.js";
import { JsonLineChild, runToEnd } from "./processes.js";

/** Installs what package.json pins: node-llama-cpp, the prebuilt libraries and llama.cpp's source. */
export async function setupNodePackages(): Promise<void> {
  const pinned = readJson(join(peersFolder, "package.json")).dependencies["node-llama-cpp"];
  const installed = join(peersFolder, "node_modules", "node-llama-cpp", "package.json");
  if (existsSync(installed) && readJson(installed).version === pinned) return;
  await runToEnd("npm", ["ci", "--ignore-scripts"], { cwd: peersFolder });
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** node-llama-cpp's public API: what a Node.js user takes first. */
export class NodeLlamaCpp implements Peer {
  readonly name = "node-llama-cpp";
  readonly note = "in-process, `sequence.evaluate()` on one context with a sequence per client";

  readonly requestShare = 1 / 2;

  setup(): Promise<void> {
    return setupNodePackages();
  }

  async start({ modelPath, threads, slots, contextPerSlot }: StartOptions): Promise<DrivenPeer> {
    const settings = JSON.stringify({ modelPath, threads, slots, contextPerSlot });
    const driver = await JsonLineChild.start(process.execPath, [
      join(peersFolder, "node-llama-cpp.driver.mjs"),
      settings,
    ]);
    return {
      kind: "driver",
      measure: async (workload: Workload) => (await driver.ask(workload)) as Measurement,
      stop: () => driver.stop(),
    };
  }
}
