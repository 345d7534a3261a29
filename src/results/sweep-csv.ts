import { snakeCase } from "../naming.js";
import { spreadCsv } from "./csv.js";
import type { Results, RunResult } from "./schema.js";
import { failedIn, overRepeats, seriesOf } from "./series.js";

const MS_PER_S = 1000;

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / MS_PER_S;
}

/** The figures of `batch_sweep.csv`, by column. */
const FIGURES: readonly (readonly [string, (run: RunResult) => number | null])[] = [
  ["p50_s", ({ summary }) => seconds(summary.latencyMs?.p50)],
  ["p95_s", ({ summary }) => seconds(summary.latencyMs?.p95)],
  ["p99_s", ({ summary }) => seconds(summary.latencyMs?.p99)],
  ["throughput_req_per_sec", ({ summary }) => summary.requestsPerSec],
  ["throughput_tokens_per_sec", ({ summary }) => summary.tokensPerSec],
];

/** `batch_sweep.csv`: a row per variant, medians over its repeats and their spread. */
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
    figures: FIGURES.map(([, figure]) => overRepeats(series, figure)),
  }));
  return spreadCsv(
    keys,
    FIGURES.map(([name]) => name),
    rows,
  );
}
