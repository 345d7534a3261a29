import type { ResultsDesign, RunResult } from "../results/schema.js";
import { digits, duration } from "./figures.js";

/** A round that has just ended: what each variant did in it, on one line, and after a look who goes on. */
export function roundLine(
  {
    load,
    round,
    runs,
    goingOn,
  }: { load: string; round: number; runs: readonly RunResult[]; goingOn: readonly string[] },
  { figure, looks }: ResultsDesign,
): string {
  const figures = runs
    .filter((run) => run.run === round)
    .map(
      ({ label, summary }) =>
        `${label} ${figure === "tokensPerSec" ? digits(summary.tokensPerSec) : duration(summary.latencyMs?.mean)}`,
    );
  const unit = figure === "tokensPerSec" ? " tokens/s" : "";
  const title = [`round ${round}`, ...(load === "" ? [] : [load])].join(", ");
  return `${title}: ${figures.join(", ")}${unit}${looks.includes(round) ? after(goingOn) : ""}`;
}

function after(goingOn: readonly string[]): string {
  return goingOn.length === 0 ? "\n  decided" : `\n  still open: ${goingOn.join(", ")}`;
}
