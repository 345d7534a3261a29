import { spreadCsv } from "./csv.js";
import type { Results } from "./schema.js";
import { failedIn, type Series, seriesOf } from "./series.js";
import { csvSpread, P50, P95, P99, type Spread, spreadOfRuns, THROUGHPUT, TOKENS } from "./series-metrics.js";

/** The figures of a number of workers, in the order of the columns of `workers.csv`. */
export const WORKER_FIGURES = [
  ["tokens_per_sec", (series: Series) => csvSpread(series, TOKENS)],
  ["p50_s", (series: Series) => csvSpread(series, P50)],
  ["p95_s", (series: Series) => csvSpread(series, P95)],
  ["p99_s", (series: Series) => csvSpread(series, P99)],
  ["throughput_req_per_sec", (series: Series) => csvSpread(series, THROUGHPUT)],
  ["cpu_percent", (series: Series) => spreadOfRuns(series, (run) => run.cpuPercent?.mean)],
] as const satisfies readonly (readonly [string, (series: Series) => Spread | undefined])[];

/** `workers.csv`: a row per number of workers, figures over the trials and their spread. */
export function workersCsv(results: Pick<Results, "runs">): string {
  const rows = seriesOf(results).map((series) => ({
    keys: [series.workers, series.runs.length, series.requestSize, failedIn(series)],
    figures: WORKER_FIGURES.map(([, figure]) => figure(series)),
  }));
  return spreadCsv(
    ["workers", "trials", "requests", "failed"],
    WORKER_FIGURES.map(([name]) => name),
    rows,
  );
}
