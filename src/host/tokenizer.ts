import { VirtualClock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { openTokenizer as openLlamaTokenizer } from "../engine/llama/tokenizer.js";
import { SimulatedEngine } from "../engine/simulated/engine.js";
import { Markers, type PromptText, plainText } from "../text/markers.js";
import type { LoadSettings } from "./settings.js";

/** What the main thread needs of a model: nothing that touches the engine's thread. */
export interface Tokenizer extends Pick<Engine, "detokenize"> {
  readonly markers: Markers;
  tokenize(prompt: PromptText, special: boolean): number[];
  /** @param special control tokens are written as their markers; otherwise they have no text */
  detokenize(tokens: readonly number[], special?: boolean): string;
  /** As `tokenize`, but without holding up the calling thread where the text is long. */
  tokenizeAside(prompt: PromptText, special: boolean): Promise<number[]>;
}

/** A tokenizer for the calling thread on the vocabulary that the host loaded. */
export async function openTokenizer(load: LoadSettings, vocabularyAddress: bigint): Promise<Tokenizer> {
  if (load.modelPath === undefined) return mockTokenizer();
  return openLlamaTokenizer({ device: load.device, vocabularyAddress });
}

function mockTokenizer(): Tokenizer {
  const engine = new SimulatedEngine({ clock: new VirtualClock(), slots: 1, contextSize: 1 });
  return {
    markers: new Markers([]),
    tokenize: (prompt) => engine.tokenize(plainText(prompt)),
    tokenizeAside: async (prompt) => engine.tokenize(plainText(prompt)),
    detokenize: (tokens) => engine.detokenize(tokens),
  };
}
