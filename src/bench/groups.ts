/** Repeats of the same setting, merged as samples. */
import { distribution, median } from "./measure.js";
import type { Distribution, RequestRecord, RunResult, RunSummary } from "./results.js";

/** All repeats of one label at one size. */
export interface RunGroup {
  readonly label: string;
  readonly requestSize: number;
  readonly runs: readonly RunResult[];
}

/** In the order in which labels and sizes first appear. */
export function groupRuns(runs: readonly RunResult[]): RunGroup[] {
  const groups = new Map<string, { label: string; requestSize: number; runs: RunResult[] }>();
  for (const run of runs) {
    const key = `${run.requestSize}\n${run.label}`;
    const group = groups.get(key) ?? { label: run.label, requestSize: run.requestSize, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A per-request metric over all repeats: percentiles of the merged samples, never means of percentiles. */
export function pooled(group: RunGroup, metric: (record: RequestRecord) => number | null): Distribution | null {
  const records = group.runs.flatMap((run) => run.requests.filter((record) => record.status === "ok"));
  return distribution(records.map(metric).filter((value) => value !== null));
}

/** A figure of a setting over its repeats: the median, and the least and the greatest. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Null when no repeat has the figure. */
export function spreadOf(group: RunGroup, figure: (summary: RunSummary) => number | null | undefined): Spread | null {
  const values = group.runs.map((run) => figure(run.summary)).filter((value) => value !== null && value !== undefined);
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
