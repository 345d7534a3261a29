import type { Clock } from "../../clock.js";
import { hash32 } from "../../random.js";
import type { Sequence } from "../../scheduler/request.js";
import type { Row, Sample, Step, StepOutcome } from "../../scheduler/step.js";
import type { Engine, EngineInfo } from "../engine.js";
import type { CostModel } from "./cost.js";
import { notebookCost } from "./notebook.js";

/** Tokens that a slot holds unless told otherwise. */
export const MOCK_CONTEXT_SIZE = 1024;

const VOCABULARY_SIZE = 50_257;
const END_OF_TEXT = VOCABULARY_SIZE - 1;

export interface SimulatedEngineOptions {
  readonly clock: Clock;
  readonly slots: number;
  readonly contextSize: number;
  readonly maxStepTokens?: number;
  /** The notebook's unless given. */
  readonly cost?: CostModel;
}

/** An engine without weights: it sleeps on its clock, and its tokens are a hash of the request and the position. */
export class SimulatedEngine implements Engine {
  readonly info: EngineInfo;
  readonly #clock: Clock;
  readonly #cost: CostModel;

  constructor(options: SimulatedEngineOptions) {
    const { clock, slots, contextSize, maxStepTokens = 2048, cost = notebookCost } = options;
    this.#clock = clock;
    this.#cost = cost;
    this.info = {
      model: "mock",
      kind: "mock",
      slots,
      contextSize,
      maxStepTokens,
      vocabularySize: VOCABULARY_SIZE,
      grammar: false,
      device: `no device, ${cost.description}`,
      chatTemplate: undefined,
    };
  }

  run(step: Step): StepOutcome {
    const beganMs = this.#clock.nowMs();
    this.#clock.sleepMs(this.#cost.stepMs(step));
    const samples = step.rows.filter((row) => row.sample).map(sample);
    const computeMs = this.#clock.nowMs() - beganMs;
    return { samples, fragments: 1, filledRows: 0, computeMs, sampleMs: 0, grammarMs: 0, memoryUsage: 0 };
  }

  /** A token a word, as the notebook counts. */
  tokenize(text: string): number[] {
    return (text.match(/\S+/g) ?? []).map((word) => hashText(word) % END_OF_TEXT);
  }

  detokenize(tokens: readonly number[]): string {
    return tokens.map(word).join("");
  }

  close(): void {}
}

function sample({ sequence }: Row): Sample {
  const { sampling } = sequence.request;
  const token = nextToken(sequence);
  const text = word(token);
  const index = sequence.generated + 1;
  const stopped = index >= sampling.minTokens && sampling.stopTokenIds.includes(token);
  const logprobs =
    sampling.logprobs === undefined ? undefined : { token, text, bytes: [...Buffer.from(text)], logprob: 0, top: [] };
  return { token, text, stopped, logprobs };
}

/** Depends on all tokens before it, as a model's does, and on the seed where the request is sampled. */
function nextToken({ tokens, request }: Sequence): number {
  const newest = tokens.at(-1) ?? 0;
  const seed = request.sampling.temperature === 0 ? 0 : request.sampling.seed;
  return hash32(hash32(newest, tokens.length), seed) % END_OF_TEXT;
}

function word(token: number): string {
  return ` w${token}`;
}

function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = hash32(hash, text.charCodeAt(i));
  return hash;
}
