import type { Command } from "commander";
import { MAX_TEMPERATURE } from "../../host/request.js";
import { DEFAULT_MAX_TOKENS, DEFAULT_SAMPLING } from "../../scheduler/request.js";
import { number, wholeNumber } from "../values.js";

export interface SamplingFlags {
  maxTokens?: number;
  temperature?: number;
  topK?: number;
  topP?: number;
}

/** How long outputs are and how their tokens are drawn. */
export function addSamplingOptions(command: Command): Command {
  return command
    .optionsGroup("Sampling:")
    .option("--max-tokens <n>", `tokens per request (default: ${DEFAULT_MAX_TOKENS})`, wholeNumber("--max-tokens", 1))
    .option(
      "--temperature <t>",
      `0 is greedy (default: ${DEFAULT_SAMPLING.temperature})`,
      number("--temperature", 0, MAX_TEMPERATURE),
    )
    .option("--top-k <k>", `0 keeps all (default: ${DEFAULT_SAMPLING.topK})`, wholeNumber("--top-k", 0))
    .option(
      "--top-p <p>",
      `draw from the likeliest tokens that hold this share (default: ${DEFAULT_SAMPLING.topP})`,
      number("--top-p", 0, 1),
    );
}

/** What the flags say about drawing, with the defaults of the engine. */
export function drawing(flags: Omit<SamplingFlags, "maxTokens">): { temperature: number; topK: number; topP: number } {
  return {
    temperature: flags.temperature ?? DEFAULT_SAMPLING.temperature,
    topK: flags.topK ?? DEFAULT_SAMPLING.topK,
    topP: flags.topP ?? DEFAULT_SAMPLING.topP,
  };
}
