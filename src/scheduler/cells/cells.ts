/**
 * The contract between the scheduler and the engine's memory: who may hold cells, and where they lie.
 *
 * A cell is the computed key and value of one token. The scheduler asks whether a sequence can start, starts it, lets it
 * grow before every step that computes more of it, and releases it. Which slot a sequence runs in, what is moved and what is
 * copied is the business of a form of this contract; the scheduler only hands the changes on to the engine.
 *
 * Where not everybody's next tokens fit, `grow` says no: the scheduler then takes the cells of a victim, who is computed again
 * later. A sequence that runs alone always grows up to the context size.
 */
import type { Sequence } from "../request.js";
import type { SlotChange } from "../step.js";

export interface Cells {
  /** How many more sequences could hold cells. */
  readonly free: number;
  /** Cells in use ÷ capacity, 0 to 1. */
  readonly usage: number;

  /** Whether there is room for everything that the sequence knows and its next token. */
  canStart(sequence: Sequence): boolean;

  /**
   * Whether another sequence is about to have so many of its first cells that the start is worth putting off.
   * @param isAwaited whether the sequence would wait for this one
   */
  isPrefixComing(sequence: Sequence, isAwaited: (holder: Sequence) => boolean): boolean;

  /** Makes room for a sequence, to be placed by `settle`. Asked only where it can start. */
  start(sequence: Sequence): void;

  /** Gives those that were started since the last call their slots, and says how much of them is `computed` already. */
  settle(): void;

  /** Room for the sequence's first `cells` tokens. @returns false where there is none */
  grow(sequence: Sequence, cells: number): boolean;

  /** Takes the sequence's cells; they may be kept until somebody needs them. */
  release(sequence: Sequence): void;

  /** Forgets the contents of a slot, which are in doubt after a failed step. */
  discard(slot: number): void;

  /** Brings running sequences to where the engine computes them together. @returns how many moved */
  arrange(): number;

  /** What the engine has to do before the next rows. */
  takeChanges(): SlotChange[];
}
