import type { Results } from "../results/schema.js";
import { overRepeats, type RepeatSpread, type Series, seriesOf } from "../results/series.js";
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

/** A row per number of workers: medians over the trials; ± is half the distance between the least and the greatest. */
export function workersTable(results: Pick<Results, "runs">): string {
  const columns: Column<Series>[] = [
    { title: "workers", align: "right", value: ({ workers }) => String(workers ?? NONE) },
    ...WORKER_FIGURES.map(
      ([name, figure]): Column<Series> => ({
        title: TITLES[name],
        align: "right",
        value: (series) => withSpread(overRepeats(series, figure)),
      }),
    ),
  ];
  return `${textTable(columns, seriesOf(results)).join("\n")}\n`;
}

function withSpread(spread: RepeatSpread | null): string {
  if (!spread) return NONE;
  return spread.max > spread.min
    ? `${digits(spread.median)} ± ${digits((spread.max - spread.min) / 2)}`
    : digits(spread.median);
}
