import { spreadCsv } from "./csv.js";
import type { Results, RunResult } from "./schema.js";
import { failedIn, overRepeats, seriesOf } from "./series.js";

/** The figures of a number of workers, in the order of the columns of `workers.csv`. */
export const WORKER_FIGURES = [
  ["tokens_per_sec", (run: RunResult) => run.summary.tokensPerSec],
  ["p50_s", (run: RunResult) => seconds(run.summary.latencyMs?.p50)],
  ["p95_s", (run: RunResult) => seconds(run.summary.latencyMs?.p95)],
  ["p99_s", (run: RunResult) => seconds(run.summary.latencyMs?.p99)],
  ["throughput_req_per_sec", (run: RunResult) => run.summary.requestsPerSec],
  ["cpu_percent", (run: RunResult) => run.cpuPercent?.mean ?? null],
] as const satisfies readonly (readonly [string, (run: RunResult) => number | null])[];

/** `workers.csv`: a row per number of workers, medians over the trials and their spread. */
export function workersCsv(results: Pick<Results, "runs">): string {
  const rows = seriesOf(results).map((series) => ({
    keys: [series.workers, series.runs.length, series.requestSize, failedIn(series)],
    figures: WORKER_FIGURES.map(([, figure]) => overRepeats(series, figure)),
  }));
  return spreadCsv(
    ["workers", "trials", "requests", "failed"],
    WORKER_FIGURES.map(([name]) => name),
    rows,
  );
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
