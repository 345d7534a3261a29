/** What to try next, as commands: the last lines on a newcomer's screen. */
import type { Results } from "../results/schema.js";
import { MOST_MORE_ROUNDS } from "../results/verdict.js";
import { roundsNeeded } from "./verdict-text.js";

/** Enough for all the looks of most benches. */
const MORE_MINUTES = 10;

export function nextSteps(results: Results): string[] {
  const needed = roundsNeeded(results);
  const open = needed !== undefined && needed <= MOST_MORE_ROUNDS;
  return [
    open
      ? `next: sluice bench --max-minutes ${MORE_MINUTES} gives what is undecided more rounds;`
      : "next: sluice sweep --max-batch 1 2 4 8 16 shows where larger batches stop paying;",
    "      sluice bench --prompts FILE --output-lengths lognormal:60,0.8 --max-concurrent 16 tries traffic like yours",
  ];
}
