import type { WritableFormat } from "../gguf/quantize.js";

/** The shape of a GPT-2 model. */
export interface StandinShape {
  readonly layers: number;
  /** Width of the residual stream. */
  readonly width: number;
  readonly heads: number;
  /** Standard deviation of the random weights. */
  readonly weightStd: number;
}

/**
 * Real shapes (Radford et al. 2019; Sanh et al. 2019) with GPT-2's own initial spread, 0.02. `nano` is
 * so narrow that with 0.02 its layers would add next to nothing; 0.16 makes the next token depend on the whole context.
 */
export const STANDIN_SHAPES = {
  distilgpt2: { layers: 6, width: 768, heads: 12, weightStd: 0.02 },
  gpt2: { layers: 12, width: 768, heads: 12, weightStd: 0.02 },
  "gpt2-medium": { layers: 24, width: 1024, heads: 16, weightStd: 0.02 },
  nano: { layers: 2, width: 64, heads: 2, weightStd: 0.16 },
} as const satisfies Record<string, StandinShape>;

export type StandinName = keyof typeof STANDIN_SHAPES;

export const STANDIN_FORMATS: readonly WritableFormat[] = ["f32", "f16", "q8_0", "q4_0"];
export const DEFAULT_STANDIN_FORMAT: WritableFormat = "q8_0";

/** GPT-2's positions are learned and end here. */
export const STANDIN_CONTEXT_TOKENS = 1024;

/** Which stand-in, in which number format. */
export interface StandinSpec {
  readonly name: StandinName;
  readonly format: WritableFormat;
}

/** Names under which the Hugging Face hub has the models whose shapes the stand-ins take. */
const HUB_NAMES: Readonly<Record<string, StandinName>> = {
  distilgpt2: "distilgpt2",
  "distilbert/distilgpt2": "distilgpt2",
  gpt2: "gpt2",
  "openai-community/gpt2": "gpt2",
  "gpt2-medium": "gpt2-medium",
  "openai-community/gpt2-medium": "gpt2-medium",
};

/** The stand-in of the model that the hub has under this name: weights of that kind cannot be loaded, its shape can. */
export function standinOfHubName(text: string): StandinName | undefined {
  const name = text.toLowerCase();
  return Object.hasOwn(HUB_NAMES, name) ? HUB_NAMES[name] : undefined;
}

export function isStandinName(text: string): text is StandinName {
  return Object.hasOwn(STANDIN_SHAPES, text);
}

export function isStandinFormat(text: string): text is WritableFormat {
  return (STANDIN_FORMATS as readonly string[]).includes(text);
}

/** The spelling that means this stand-in; the default format is left out. */
export function standinSpelling({ name, format }: StandinSpec): string {
  return format === DEFAULT_STANDIN_FORMAT ? `standin:${name}` : `standin:${name}:${format}`;
}
