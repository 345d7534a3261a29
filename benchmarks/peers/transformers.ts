import { join } from "node:path";
import { hfFolder, setupPython } from "./hf-model.js";
import { peersFolder, python } from "./paths.js";
import type { DrivenPeer, Measurement, Peer, StartOptions, Workload } from "./peer.js";
import { JsonLineChild } from "./processes.js";

/** Hugging Face Transformers on PyTorch: padded `generate` on batches that run to completion. */
export class Transformers implements Peer {
  readonly name: string;
  readonly note: string;
  readonly requestShare = 1 / 3;
  readonly #batching: "naive" | "dynamic";
  readonly #dtype: "f32" | "bf16";

  constructor({ batching, dtype }: { batching: "naive" | "dynamic"; dtype: "f32" | "bf16" }) {
    this.#batching = batching;
    this.#dtype = dtype;
    this.name = `transformers ${batching} ${dtype}`;
    this.note = `in-process, padded \`generate\` in ${dtype}, ${batching === "naive" ? "batches of 4" : "batches of 8–32"}`;
  }

  setup(): Promise<void> {
    return setupPython("transformers");
  }

  async start({ modelPath, threads }: StartOptions): Promise<DrivenPeer> {
    const script = join(peersFolder, "python", "transformers_driver.py");
    const args = [script, await hfFolder(modelPath), this.#dtype, this.#batching, `${threads}`];
    const driver = await JsonLineChild.start(python, args, { env: { ...process.env, HF_HUB_OFFLINE: "1" } });
    return {
      kind: "driver",
      measure: async (workload: Workload) => (await driver.ask(workload)) as Measurement,
      stop: () => driver.stop(),
    };
  }
}
