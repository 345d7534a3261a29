import type { Cells } from "./cells/cells.js";
import type { QueueBounds } from "./intake.js";
import type { Order } from "./order.js";
import type { Policy } from "./policy.js";

/** What the engine can hold. */
export interface SchedulerLimits {
  readonly slots: number;
  /** Tokens that fit into one slot. */
  readonly contextSize: number;
  readonly maxStepTokens: number;
  /** Guesses that it takes in a row; 0 unless given. */
  readonly maxDraftTokens?: number;
}

export interface SchedulerParts extends SchedulerLimits, QueueBounds {
  readonly policy: Policy;
  readonly order: Order;
  readonly ageAfterMs: number;
  readonly compactSlots: boolean;
  /** How the engine's memory is shared out; a slot of its own for each sequence unless given. */
  readonly cells?: Cells | undefined;
}
