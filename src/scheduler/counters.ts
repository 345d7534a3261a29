import type { Step, StepOutcome } from "./step.js";

/** Running totals of one scheduler since it was made. Plain data. */
export interface SchedulerCounters {
  steps: number;
  /** Batches that ran to completion, or steps where the policy admits while running. */
  batches: number;
  /** `batchSizes[n]`: how many batches had n sequences. The batch-fill histogram. */
  batchSizes: number[];
  /** `stepSizes[k]`: steps that computed more than 2^(k−1) and up to 2^k tokens. */
  stepSizes: number[];
  /** Tokens computed in all steps, padding included. */
  stepTokens: number;
  /** Rows computed, padding included. */
  rows: number;
  /** Rows computed for sequences that had ended. */
  paddingTokens: number;
  /** Prompt tokens computed; again after a preemption, not when copied. */
  prefillTokens: number;
  generatedTokens: number;
  /** Prompt tokens of sequences that looked for a shared prefix, and those of them that were found. */
  prefixQueriedTokens: number;
  reusedTokens: number;
  preemptions: number;
  slotMoves: number;
  /** Pieces that the engine split steps into. */
  batchFragments: number;
  /** Rows that the engine added because steps cost less with them. Not among `rows`. */
  filledRows: number;
  submitted: number;
  finished: number;
  failed: number;
  computeMs: number;
  sampleMs: number;
}

/** Counters at zero. */
export function newCounters(): SchedulerCounters {
  return {
    steps: 0,
    batches: 0,
    batchSizes: [],
    stepSizes: [],
    stepTokens: 0,
    rows: 0,
    paddingTokens: 0,
    prefillTokens: 0,
    generatedTokens: 0,
    prefixQueriedTokens: 0,
    reusedTokens: 0,
    preemptions: 0,
    slotMoves: 0,
    batchFragments: 0,
    filledRows: 0,
    submitted: 0,
    finished: 0,
    failed: 0,
    computeMs: 0,
    sampleMs: 0,
  };
}

/** Counts a step and what came out of it. */
export function countStep(counters: SchedulerCounters, { rows }: Step, outcome: StepOutcome): void {
  counters.rows += rows.length;
  counters.batchFragments += outcome.fragments;
  counters.filledRows += outcome.filledRows;
  counters.computeMs += outcome.computeMs;
  counters.sampleMs += outcome.sampleMs;
  counters.generatedTokens += outcome.samples.length;
  let tokens = 0;
  for (const { count, start, padding, sequence } of rows) {
    tokens += count;
    const prompt = sequence.request.promptTokens.length;
    if (padding) counters.paddingTokens++;
    else counters.prefillTokens += Math.max(0, Math.min(prompt - start, count));
  }
  countSize(counters.stepSizes, Math.ceil(Math.log2(Math.max(1, tokens))));
  counters.stepTokens += tokens;
  counters.steps++;
}

/** Counts a batch of so many sequences. */
export function countBatch(counters: SchedulerCounters, sequences: number): void {
  countSize(counters.batchSizes, sequences);
  counters.batches++;
}

/** One more in this place of a histogram that grows as needed. */
function countSize(histogram: number[], place: number): void {
  while (histogram.length <= place) histogram.push(0);
  histogram[place]!++;
}
