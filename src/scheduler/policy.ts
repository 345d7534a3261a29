/**
 * The contract of a scheduling policy.
 *
 * The world as a policy sees it: requests wait in a queue whose order is somebody else's choice. There is a fixed number
 * of slots; a sequence that runs holds one. Time passes in steps: in each, the engine computes some known tokens of some
 * running sequences, and every sequence whose last known token was computed gets one more. Between two steps the policy
 * is asked, synchronously and with a read-only view: may waiting requests start now, and which rows make up the next
 * step? It reads no clock (the time is handed in), does no I/O and keeps only the state that its decisions need.
 */
import type { OptionSpecs, OptionValues } from "../options.js";
import type { Sequence } from "./request.js";

/** What a policy may look at. */
export interface SchedulerView {
  /** Requests in the queue. */
  readonly waiting: number;
  /** Arrival of the request that has waited longest; NaN when none waits. */
  readonly oldestArrivalMs: number;
  /** Arrival of the request that came last of those that wait; NaN when none waits. */
  readonly newestArrivalMs: number;
  /**
   * Sequences that run, in the order in which they are to be served. In `rows`, while one has had no row for too long,
   * those that have waited longest and nobody else (precedence.ts states the bound).
   */
  readonly running: readonly Sequence[];
  readonly slots: number;
  readonly freeSlots: number;
  /** The most tokens that the engine computes in one step. */
  readonly maxStepTokens: number;
  /** The most guesses that the engine takes in a row; 0: none. */
  readonly maxDraftTokens: number;
  /** Since when nothing runs: the end of the last batch, or the start of the scheduler. */
  readonly idleSinceMs: number;
  /** What waits is to start now: someone called `flush()` or the scheduler shuts down. */
  readonly flushing: boolean;
  /** The highest of KV cells in use ÷ capacity and what the engine reports of its memory, 0 to 1. */
  readonly memoryUsage: number;
}

/** So many waiting requests start now, in the queue's order. */
export interface Start {
  readonly start: number;
}

/** None starts before this time unless something arrives or is flushed; Infinity: time alone changes nothing. */
export interface WaitUntil {
  readonly waitUntilMs: number;
}

/** A piece of a running sequence's pending tokens: at least 1, at most `sequence.pending`. */
export interface RowPlan {
  readonly sequence: Sequence;
  readonly count: number;
  /**
   * Guesses of the tokens that come next, at most `view.maxDraftTokens`; only where `count` reaches the last known token. Each
   * is computed too and counts as a token of the step; what was guessed right is output of this step, the rest costs
   * nothing but its computation. No guess changes what is generated.
   */
  readonly draft?: readonly number[];
}

export interface Policy {
  /** The most sequences that it runs at once. */
  readonly maxSequences: number;
  /** Asked at every step (true), or only when nothing runs (false: a batch runs to completion). */
  readonly admitsWhileRunning: boolean;
  /** Tokens as they come, or everything when the whole batch has ended. */
  readonly delivery: "stream" | "batch-end";
  /** Rows that have ended are computed on until the longest row of the batch ends. */
  readonly padToLongest: boolean;
  /** Cells of a shared prefix are copied from another slot instead of computed again. */
  readonly reusesPrefixes: boolean;

  /** May waiting requests start? Asked only when at least one waits. */
  mayStart(view: SchedulerView, nowMs: number): Start | WaitUntil;

  /**
   * Which pending tokens are computed in this step? Asked only when a sequence runs; in which order rows are given does not
   * matter. See `rows.ts` for the usual ways.
   */
  rows(view: SchedulerView): RowPlan[];

  /**
   * Who gives up a slot for a more urgent request? `candidates` is never empty, least urgent first. Undefined: nobody.
   * A policy without this method never preempts.
   */
  victim?(candidates: readonly Sequence[]): Sequence | undefined;

  /** All sequences of a batch that ran to completion have ended. */
  batchEnded?(view: SchedulerView): void;
}

/** The circumstances in which a policy is to run; what can never work is refused before it starts. */
export interface Setup {
  /** Requests that can be under way at the same time; Infinity in an open loop. */
  readonly concurrency: number;
}

/** A policy by name: what `--schedulers` refers to, and what a policy file exports as its default. */
export interface PolicyDefinition<Specs extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Its options with defaults and ranges: flags, axes of a sweep and checks come from here. */
  readonly options: Specs;
  create(options: OptionValues<Specs>): Policy;
  /** The reason why these options can never work in this setup; undefined when they can. */
  refuse?(options: OptionValues<Specs>, setup: Setup): string | undefined;
}

/** Gives a definition its types; a policy file is `export default definePolicy({...})`. */
export function definePolicy<const Specs extends OptionSpecs>(
  definition: PolicyDefinition<Specs>,
): PolicyDefinition<Specs> {
  return definition;
}
