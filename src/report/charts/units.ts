/** Units and numbers as people read them. */

/** What values in ms (or a rate) are divided by, and what the result is called. */
export interface Unit {
  readonly name: string;
  readonly divisor: number;
}

/** Seconds when most of these times (ms) are above one, else milliseconds. */
export function timeUnitFor(timesMs: readonly number[]): Unit {
  const largest = Math.max(0, ...timesMs);
  return largest >= 1000 ? { name: "s", divisor: 1000 } : { name: "ms", divisor: 1 };
}
