import type { SluiceError } from "../errors.js";
import type { SampledLogprobs, Sequence } from "./request.js";

/** What one sequence computes in a step: `count` of its known tokens, from position `start` on, and guesses after them. */
export interface Row {
  readonly sequence: Sequence;
  readonly slot: number;
  /** Index into `sequence.tokens` and position in the context. */
  readonly start: number;
  readonly count: number;
  /** The row reaches the last known token: the engine samples the next one. Never set on padding. */
  readonly sample: boolean;
  /** Guesses of the tokens after the last known one, computed with it. Empty unless the row samples. */
  readonly draft: readonly number[];
  /** With one sample for the last known token and one for each of `draft` the request has all that it allows. */
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

/** A token that was chosen. */
export interface Sample {
  readonly token: number;
  /** The text that became certain with this token: "" while a character or a possible stop string is incomplete. */
  readonly text: string;
  /** Set when the token ends the sequence before its `maxTokens` (end of text, stop string, stop token). */
  readonly stopped: boolean;
  readonly logprobs: SampledLogprobs | undefined;
}

/** What came out of a row. */
export interface RowOutcome {
  /**
   * None where the row does not sample. Else the token after the last known one; and for every token of the draft that was
   * guessed right, as long as all before it were, one more. Nothing follows a sample that `stopped`.
   */
  readonly samples: readonly Sample[];
  /** Cells that count: those of known tokens and of guesses that were right. The engine has dropped the others. */
  readonly computed: number;
  /** The next token could not be chosen: the sequence ends with this error after its samples, its neighbours go on. */
  readonly error?: SluiceError;
}

/** What a step produced. */
export interface StepOutcome {
  /** One for every row, in their order. */
  readonly rows: readonly RowOutcome[];
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
