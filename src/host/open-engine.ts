import type { Clock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { MockEngine } from "../engine/mock/mock.js";
import type { LoadSettings } from "./settings.js";

/** Slots of the mock engine hold this much unless told otherwise. */
const MOCK_CONTEXT_SIZE = 1024;

export interface OpenedEngine {
  readonly engine: Engine;
  /** Where the vocabulary lies in this process; 0: nowhere. */
  readonly vocabularyAddress: bigint;
}

/** Loads the model in the calling thread. */
export async function openEngine(load: LoadSettings, clock: Clock): Promise<OpenedEngine> {
  const contextSize = load.contextSize || MOCK_CONTEXT_SIZE;
  return { engine: new MockEngine({ clock, slots: load.slots, contextSize }), vocabularyAddress: 0n };
}
