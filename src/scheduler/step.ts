import type { SluiceError } from "../errors.js";
import type { SampledLogprobs, Sequence } from "./request.js";

/** What one sequence computes in a step: `count` of its known tokens, from position `start` on. */
export interface Row {
  readonly sequence: Sequence;
  readonly slot: number;
  /** Index into `sequence.tokens` and position in the context. */
  readonly start: number;
  readonly count: number;
  /** The row reaches the last known token: the engine samples the next one. Never set on padding. */
  readonly sample: boolean;
  /** The sampled token is the last that the request allows. */
  readonly last: boolean;
  /** The sequence has ended and is computed on for the longest row of its batch; what comes out is thrown away. */
  readonly padding: boolean;
}

/** What happens to slots before the rows of a step are computed, in the order given. */
export type SlotChange =
  /** Drop the slot's cells from position `keep` on. */
  | { readonly kind: "trim"; readonly slot: number; readonly keep: number }
  /** `to` holds the first `keep` cells of `from`, and nothing else. */
  | { readonly kind: "copy"; readonly from: number; readonly to: number; readonly keep: number }
  /** `to` holds all cells of `from`, and `from` none. */
  | { readonly kind: "move"; readonly from: number; readonly to: number };

/** One turn of the engine. */
export interface Step {
  readonly slotChanges: readonly SlotChange[];
  /** Sorted by slot, at most one a slot, at least one. */
  readonly rows: readonly Row[];
}

/** What came out of a row that sampled. */
export interface Sample {
  readonly token: number;
  /** The text that became certain with this token: "" while a character or a possible stop string is incomplete. */
  readonly text: string;
  /** Set when the token ends the sequence before its `maxTokens` (end of text, stop string, stop token). */
  readonly stopped: boolean;
  readonly logprobs: SampledLogprobs | undefined;
}

/** A row whose next token could not be chosen: its sequence ends with this error, its neighbours go on. */
export interface FailedSample {
  readonly error: SluiceError;
}

/** What a step produced. */
export interface StepOutcome {
  /** One for every row with `sample`, in the order of the rows. */
  readonly samples: readonly (Sample | FailedSample)[];
  /** How many pieces the engine had to split the step into; 1 is best. */
  readonly fragments: number;
  /** Rows that nobody asked for: the engine added them because the step costs less with them. */
  readonly filledRows: number;
  /** Time spent computing the model. */
  readonly computeMs: number;
  /** Time spent choosing tokens and making text. */
  readonly sampleMs: number;
  /** The part of it that rows with a grammar spent following it. */
  readonly grammarMs: number;
  /** Share of memory in use where the engine knows it (device memory, or the process against its limit), 0 to 1. */
  readonly memoryUsage: number;
}
