import { snakeCase } from "../naming.js";
import { spreadCsv } from "./csv.js";
import type { Results } from "./schema.js";
import { failedIn, seriesOf } from "./series.js";
import { csvSpread, type Metric, P50, P95, P99, THROUGHPUT, TOKENS } from "./series-metrics.js";

/** The figures of `batch_sweep.csv`, by column. */
const FIGURES: readonly (readonly [string, Metric])[] = [
  ["p50_s", P50],
  ["p95_s", P95],
  ["p99_s", P99],
  ["throughput_req_per_sec", THROUGHPUT],
  ["throughput_tokens_per_sec", TOKENS],
];

/** `batch_sweep.csv`: a row per variant, figures over its repeats and their spread. */
export function sweepCsv(results: Pick<Results, "runs" | "axes">): string {
  const { axes } = results;
  const keys = ["scheduler", ...axes.map((axis) => snakeCase(axis.name)), "requests", "repeats", "failed"];
  const rows = seriesOf(results).map((series) => ({
    keys: [
      series.baseline ? series.label : series.policy,
      ...axes.map((axis) => String(series.axes[axis.name] ?? "")),
      series.requestSize,
      series.runs.length,
      failedIn(series),
    ],
    figures: FIGURES.map(([, metric]) => csvSpread(series, metric)),
  }));
  return spreadCsv(
    keys,
    FIGURES.map(([name]) => name),
    rows,
  );
}
