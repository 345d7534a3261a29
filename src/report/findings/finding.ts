/** What a finding is. */
import type { Results } from "../../results/schema.js";
import { type Estimate, intervalOf } from "../../results/statistics.js";
import { percent } from "../figures.js";

/** One thing that the data show, in one sentence with its uncertainty. */
export interface Finding {
  /** What it is about, for tests and for readers who skip. */
  readonly topic: string;
  readonly text: string;
  /** Set where it answers a requirement: whether the data meet it. */
  readonly met?: boolean;
}

/** Looks for one kind of finding. Returns nothing where the data do not show it. */
export type Finder = (results: Results) => Finding[];

/** "+12.0 % (95 %: +9.0 % to +15.0 %)": what a ratio changed, with its interval where that can be known. */
export function change(ratio: Estimate): string {
  const interval = intervalOf(ratio);
  const value = signed(ratio.value);
  if (interval === undefined || interval.low === interval.high) return value;
  return `${value} (95 %: ${signed(interval.low)} to ${signed(interval.high)})`;
}

/** A factor as a signed percentage. */
export function signed(factor: number): string {
  const text = percent(factor - 1);
  return factor >= 1 ? `+${text}` : text.replace("-", "−");
}
