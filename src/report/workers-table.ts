import type { Results } from "../results/schema.js";
import { type Series, seriesOf } from "../results/series.js";
import type { Spread } from "../results/series-metrics.js";
import { WORKER_FIGURES } from "../results/workers-csv.js";
import { digits, NONE } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** What each column of the table is called. */
const TITLES: Readonly<Record<(typeof WORKER_FIGURES)[number][0], string>> = {
  tokens_per_sec: "tokens/s",
  p50_s: "p50 s",
  p95_s: "p95 s",
  p99_s: "p99 s",
  throughput_req_per_sec: "req/s",
  cpu_percent: "CPU %",
};

/** A row per number of workers: rates are means over the trials, percentiles of all requests; ± is half the distance between the least and the greatest. */
export function workersTable(results: Pick<Results, "runs">): string {
  const columns: Column<Series>[] = [
    { title: "workers", align: "right", value: ({ workers }) => String(workers ?? NONE) },
    ...WORKER_FIGURES.map(
      ([name, figure]): Column<Series> => ({
        title: TITLES[name],
        align: "right",
        value: (series) => withSpread(figure(series)),
      }),
    ),
  ];
  return `${textTable(columns, seriesOf(results)).join("\n")}\n`;
}

function withSpread(spread: Spread | undefined): string {
  if (!spread) return NONE;
  const { value, low, high } = spread;
  return high > low ? `${digits(value)} ± ${digits((high - low) / 2)}` : digits(value);
}
