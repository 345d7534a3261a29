import type { Clock } from "../../clock.js";
import { hash32 } from "../../random.js";
import type { SamplingParams, Sequence } from "../../scheduler/request.js";
import type { Row, RowOutcome, Sample, Step, StepOutcome } from "../../scheduler/step.js";
import type { Engine, EngineInfo } from "../engine.js";
import type { CostModel } from "./cost.js";
import { notebookCost } from "./notebook.js";

/** Tokens that a slot holds unless told otherwise. */
export const MOCK_CONTEXT_SIZE = 1024;

const VOCABULARY_SIZE = 50_257;
const MAX_DRAFT_TOKENS = 16;
const END_OF_TEXT = VOCABULARY_SIZE - 1;

const NO_SAMPLES: readonly Sample[] = [];

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
      maxDraftTokens: MAX_DRAFT_TOKENS,
      vocabularySize: VOCABULARY_SIZE,
      grammar: false,
      device: `no device, ${cost.description}`,
      chatTemplate: undefined,
    };
  }

  run(step: Step): StepOutcome {
    const beganMs = this.#clock.nowMs();
    this.#clock.sleepMs(this.#cost.stepMs(step));
    const rows = step.rows.map(computeRow);
    const computeMs = this.#clock.nowMs() - beganMs;
    return { rows, fragments: 1, filledRows: 0, computeMs, sampleMs: 0, grammarMs: 0, memoryUsage: 0 };
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

function computeRow({ sequence, count, sample, draft }: Row): RowOutcome {
  if (!sample) return { samples: NO_SAMPLES, computed: count };
  const samples = [sampleAfter(sequence, draft, 0)];
  for (let right = 0; right < draft.length; right++) {
    const { token, stopped } = samples[right]!;
    if (stopped || token !== draft[right]) break;
    samples.push(sampleAfter(sequence, draft, right + 1));
  }
  return { samples, computed: count + samples.length - 1 };
}

/** The token after those that are known and so many of the draft. */
function sampleAfter(sequence: Sequence, draft: readonly number[], drafted: number): Sample {
  const { sampling } = sequence.request;
  const newest = drafted === 0 ? sequence.tokens.at(-1) : draft[drafted - 1];
  const token = nextToken(newest ?? 0, sequence.tokens.length + drafted, sampling);
  const text = word(token);
  const index = sequence.generated + drafted + 1;
  const stopped = index >= sampling.minTokens && sampling.stopTokenIds.includes(token);
  const logprobs =
    sampling.logprobs === undefined ? undefined : { token, text, bytes: [...Buffer.from(text)], logprob: 0, top: [] };
  return { token, text, stopped, logprobs };
}

/** Depends on all tokens before it, as a model's does, and on the seed where the request is sampled. */
function nextToken(newest: number, index: number, { temperature, seed }: SamplingParams): number {
  return hash32(hash32(newest, index), temperature === 0 ? 0 : seed) % END_OF_TEXT;
}

function word(token: number): string {
  return ` w${token}`;
}

function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = hash32(hash, text.charCodeAt(i));
  return hash;
}
