import type { Results } from "../../results/schema.js";
import { type Series, seriesOf } from "../../results/series.js";
import { P50, ratioBetween, TOKENS } from "../../results/series-metrics.js";
import { verdictOf } from "../../results/statistics.js";
import { percent } from "../figures.js";
import { change, type Finding } from "./finding.js";

/** CPU use above which one worker leaves nothing for a second. */
const BUSY_PERCENT = 85;

/** What each number of workers changes against the smallest, and why where the CPU tells. */
export function workersEffect(results: Results): Finding[] {
  const allSeries = seriesOf(results)
    .filter((series) => series.workers !== null)
    .sort((a, b) => (a.workers ?? 0) - (b.workers ?? 0));
  const [first, ...more] = allSeries;
  if (first === undefined) return [];
  return more.flatMap((series) => effect(first, series));
}

function effect(first: Series, series: Series): Finding[] {
  const [ratio, p50] = [ratioBetween(series, first, TOKENS), ratioBetween(series, first, P50)];
  if (!ratio || !p50 || series.workers === first.workers) return [];
  const verdict = verdictOf(ratio);
  const said =
    verdict === "noise"
      ? `do not change throughput beyond the noise (${change(ratio)})`
      : `change throughput by ${change(ratio)} and p50 latency by ${change(p50)}`;
  const known = verdict === "unknown" ? "; with so few trials the noise is unknown" : "";
  const text = `${series.workers} workers instead of ${first.workers} ${said}${known}${verdict === "below" ? reason(first) : ""}.`;
  return [{ topic: "workers", text }];
}

/** Why more workers are slower, where the CPU tells. */
function reason(first: Series): string {
  const used = first.runs.map((run) => run.cpuPercent?.mean).filter((mean) => mean !== undefined);
  const mean = used.reduce((sum, value) => sum + value, 0) / Math.max(1, used.length);
  if (mean < BUSY_PERCENT) return "";
  return `: ${first.workers} already kept the CPU ${percent(mean / 100)} busy, so more share the same cores and their batches are smaller`;
}
