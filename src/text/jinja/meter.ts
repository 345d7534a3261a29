import { EndlessError } from "./errors.js";

/** A rendering costs one for every step of the interpreter, and for every 64 characters that it makes. */
const CHARS_PER_STEP = 64;

/** What the rendering that runs now may still cost. Renderings never overlap: they wait for nothing. */
let left = Number.POSITIVE_INFINITY;

/** Runs `work` with a budget: templates come with models, from anywhere. */
export function withBudget<T>(steps: number, work: () => T): T {
  left = steps;
  try {
    return work();
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}

/** @throws EndlessError when the budget is used up */
export function spend(steps: number): void {
  left -= steps;
  if (!(left >= 0)) throw new EndlessError("it takes too many steps for these messages; its rendering was ended");
}

/** For text of this length, before it is made. */
export function spendChars(chars: number): void {
  spend(chars / CHARS_PER_STEP);
}
