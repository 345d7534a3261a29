import { VirtualClock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { openTokenizer as openLlamaTokenizer } from "../engine/llama/tokenizer.js";
import { MockEngine } from "../engine/mock/mock.js";
import type { LoadSettings } from "./settings.js";

/** What the main thread needs of a model: nothing that touches the engine's thread. */
export type Tokenizer = Pick<Engine, "tokenize" | "detokenize">;

/** A tokenizer for the calling thread on the vocabulary that the host loaded. */
export async function openTokenizer(load: LoadSettings, vocabularyAddress: bigint): Promise<Tokenizer> {
  if (load.modelPath === undefined) return new MockEngine({ clock: new VirtualClock(), slots: 1, contextSize: 1 });
  return openLlamaTokenizer({ device: load.device, vocabularyAddress });
}
