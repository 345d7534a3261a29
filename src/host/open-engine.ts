import type { Clock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { openLlamaEngine } from "../engine/llama/engine.js";
import { MOCK_CONTEXT_SIZE, SimulatedEngine } from "../engine/simulated/engine.js";
import type { LoadSettings } from "./settings.js";

const BYTES_PER_MIB = 2 ** 20;

export interface OpenedEngine {
  readonly engine: Engine;
  /** Where the vocabulary lies in this process; 0: nowhere. */
  readonly vocabularyAddress: bigint;
}

/**
 * Loads the model in the calling thread.
 * @throws SluiceError `model_unavailable`, `device_unavailable`, `usage`
 */
export async function openEngine(load: LoadSettings, clock: Clock): Promise<OpenedEngine> {
  const { modelPath, model, device, threads, poll, reproducible, slots, contextSize } = load;
  if (modelPath === undefined) {
    const engine = new SimulatedEngine({ clock, slots, contextSize: contextSize || MOCK_CONTEXT_SIZE });
    return { engine, vocabularyAddress: 0n };
  }
  const memoryLimitBytes = load.memoryLimitMib * BYTES_PER_MIB;
  const engine = openLlamaEngine({
    modelPath,
    modelName: model,
    device,
    threads,
    poll,
    reproducible,
    slots,
    contextSize,
    clock,
    memoryLimitBytes,
  });
  return { engine, vocabularyAddress: engine.vocabularyAddress };
}
