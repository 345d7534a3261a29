import type { Step } from "../../scheduler/step.js";

/** What a step would cost on some machine. The simulated engine sleeps so long on its clock, and computes nothing. */
export interface CostModel {
  /** One line for humans: whose costs these are. */
  readonly description: string;
  /** @returns milliseconds, ≥ 0; the same for equal steps */
  stepMs(step: Step): number;
}
