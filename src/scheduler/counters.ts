import type { Step, StepOutcome } from "./step.js";

/**
 * What the scheduler counts from its start, a row each: the one place where a counter is described. Results files,
 * `/metrics` and docs/metrics.md follow from it; a new one needs its row and the line that counts it.
 *
 * A `histogram` tells how often each size came.
 */
export const COUNTERS = {
  steps: { kind: "count", meaning: "Steps that the engine ran." },
  batches: {
    kind: "count",
    meaning: "Batches that ran to completion, or steps where the policy admits while running.",
  },
  batchSizes: { kind: "histogram", meaning: "How many batches had n sequences, by n: the batch fill." },
  stepSizes: {
    kind: "histogram",
    meaning: "How many steps computed more than 2^(k−1) and up to 2^k tokens, by k.",
  },
  stepTokens: { kind: "count", meaning: "Tokens computed in all steps, padding included." },
  rows: { kind: "count", meaning: "Rows computed, padding included." },
  paddingTokens: { kind: "count", meaning: "Rows computed for sequences that had ended." },
  prefillTokens: { kind: "count", meaning: "Prompt tokens computed; again after a preemption, not when reused." },
  generatedTokens: { kind: "count", meaning: "Tokens generated." },
  prefixQueriedTokens: { kind: "count", meaning: "Prompt tokens of sequences that looked for a shared prefix." },
  reusedTokens: { kind: "count", meaning: "Prompt tokens that were found computed already." },
  preemptions: { kind: "count", meaning: "Sequences that lost their slot to a more urgent one." },
  slotMoves: { kind: "count", meaning: "Sequences moved to close a gap between slots." },
  batchFragments: { kind: "count", meaning: "Pieces that the engine split steps into." },
  filledRows: {
    kind: "count",
    meaning: "Rows that the engine added because steps cost less with them; not among the rows.",
  },
  submitted: { kind: "count", meaning: "Requests that came, refused ones included." },
  finished: { kind: "count", meaning: "Requests that ended well." },
  failed: { kind: "count", meaning: "Requests that were refused or ended badly." },
  computeMs: { kind: "time", meaning: "Time spent computing the model." },
  sampleMs: { kind: "time", meaning: "Time spent choosing tokens and making text." },
  grammarMs: { kind: "time", meaning: "The part of it that rows spent following their grammars." },
} as const satisfies Record<string, CounterSpec>;

interface CounterSpec {
  readonly kind: "count" | "time" | "histogram";
  readonly meaning: string;
}

export type CounterName = keyof typeof COUNTERS;

/** Running totals of one scheduler since it was made, by the names of {@link COUNTERS}. Plain data; times in milliseconds. */
export type SchedulerCounters = {
  -readonly [Name in CounterName]: (typeof COUNTERS)[Name]["kind"] extends "histogram" ? number[] : number;
};

/** Counters at zero. */
export function newCounters(): SchedulerCounters {
  return eachCounter(({ kind }) => (kind === "histogram" ? [] : 0)) as unknown as SchedulerCounters;
}

/** Something for every counter, by its name. */
export function eachCounter<Of>(make: (spec: CounterSpec, name: CounterName) => Of): Record<CounterName, Of> {
  const entries = Object.entries(COUNTERS).map(([name, spec]) => [name, make(spec, name as CounterName)]);
  return Object.fromEntries(entries) as Record<CounterName, Of>;
}

/** Counts a step and what came out of it. */
export function countStep(counters: SchedulerCounters, { rows }: Step, outcome: StepOutcome): void {
  counters.rows += rows.length;
  counters.batchFragments += outcome.fragments;
  counters.filledRows += outcome.filledRows;
  counters.computeMs += outcome.computeMs;
  counters.sampleMs += outcome.sampleMs;
  counters.grammarMs += outcome.grammarMs;
  for (const { samples } of outcome.rows) counters.generatedTokens += samples.length;
  let tokens = 0;
  for (const { count, draft, start, padding, sequence } of rows) {
    tokens += count + draft.length;
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
