/** `sluice workers`: the same load on servers with 1, 2, 4 … processes, each with its own copy of the model. */
import { spreadCsv } from "./csv.js";
import { groupRuns, type RunGroup, type Spread } from "./groups.js";
import { median } from "./measure.js";
import type { RunResult } from "./results.js";
import type { SchedulerSetup } from "./setup.js";

/** A setup per number of workers. */
export function workerSetups(setup: SchedulerSetup, counts: readonly number[]): SchedulerSetup[] {
  return counts.map((workers) => ({
    ...setup,
    label: workers === 1 ? "1 worker" : `${workers} workers`,
    workers,
  }));
}

/** The figures of a number of workers, in the order of the columns of `workers.csv`. */
export const WORKER_FIGURES = [
  ["tokens_per_sec", (run: RunResult) => run.summary.tokensPerSec],
  ["p50_s", (run: RunResult) => seconds(run.summary.latencyMs?.p50)],
  ["p95_s", (run: RunResult) => seconds(run.summary.latencyMs?.p95)],
  ["p99_s", (run: RunResult) => seconds(run.summary.latencyMs?.p99)],
  ["throughput_req_per_sec", (run: RunResult) => run.summary.requestsPerSec],
  ["cpu_percent", (run: RunResult) => run.cpuPercent?.mean ?? null],
] as const satisfies readonly (readonly [string, (run: RunResult) => number | null])[];

/** The median over a group's runs with the least and the greatest; null when none has the figure. */
export function runSpread(group: RunGroup, figure: (run: RunResult) => number | null): Spread | null {
  const values = group.runs.map(figure).filter((value) => value !== null);
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** `workers.csv`: a row per number of workers, medians over the trials and their spread. */
export function workersCsv(runs: readonly RunResult[]): string {
  const rows = groupRuns(runs).map((group) => ({
    keys: [
      group.runs[0]?.workers ?? null,
      group.runs.length,
      group.requestSize,
      group.runs.reduce((sum, run) => sum + run.summary.requests - run.summary.ok, 0),
    ],
    figures: WORKER_FIGURES.map(([, figure]) => runSpread(group, figure)),
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
