/** Runs that differ only in their repeat, put together: what tables, charts and findings speak about. */
import { batchEfficiency } from "../metrics/batches.js";
import { type Distribution, distribution } from "../metrics/quantile.js";
import type { Axis, RequestRecord, Results, RunResult, SettingValue } from "./schema.js";

export interface Series {
  /** The series' name. */
  readonly label: string;
  readonly policy: string;
  /** Which load, where there are several; else "". */
  readonly load: string;
  readonly requestSize: number;
  readonly axes: Readonly<Record<string, SettingValue>>;
  /** What its axes are, by name, where that is known. */
  readonly roles: Readonly<Record<string, Axis["role"]>>;
  readonly baseline: boolean;
  /** The most sequences that it runs at once; null: unknown. */
  readonly maxSequences: number | null;
  readonly workers: number | null;
  /** At least one, by repeat. */
  readonly runs: readonly RunResult[];
}

/** In the order in which they first ran. */
export function seriesOf(results: Pick<Results, "runs"> & Partial<Pick<Results, "axes">>): Series[] {
  const roles = Object.fromEntries((results.axes ?? []).map(({ name, role }) => [name, role]));
  const allSeries = new Map<string, RunResult[]>();
  for (const run of results.runs) {
    const key = seriesKey(run);
    const runs = allSeries.get(key);
    if (runs) runs.push(run);
    else allSeries.set(key, [run]);
  }
  return [...allSeries.values()].map((runs) => {
    const { label, policy, load, requestSize, axes, baseline, maxSequences, workers } = runs[0]!;
    return { label, policy, load, requestSize, axes, roles, baseline, maxSequences, workers, runs };
  });
}

/** Equal for runs, in whichever results, that measured the same variant. */
export function seriesKey(
  of: Pick<RunResult, "label" | "load" | "requestSize" | "axes" | "baseline" | "workers">,
): string {
  const axes = Object.entries(of.axes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([of.label, of.load, of.requestSize, axes, of.baseline, of.workers]);
}

/** The distinct labels, in the order in which they first ran. */
export function labelsOf(allSeries: readonly Series[]): string[] {
  return [...new Set(allSeries.map((series) => series.label))];
}

/** The distinct request sizes, rising. */
export function sizesOf(allSeries: readonly Series[]): number[] {
  return [...new Set(allSeries.map((series) => series.requestSize))].sort((a, b) => a - b);
}

/** The un-batched run that the others are held against: marked as such, or one that runs a request at a time. */
export function baselineAmong(allSeries: readonly Series[]): Series | undefined {
  return allSeries.find((series) => series.baseline) ?? allSeries.find((series) => series.maxSequences === 1);
}

/** Requests of all repeats that did not end well. */
export function failedIn({ runs }: Pick<Series, "runs">): number {
  return runs.reduce((sum, { summary }) => sum + summary.requests - summary.ok, 0);
}

/** A per-request metric over all repeats: percentiles of the merged samples, never means of percentiles. */
export function pooled({ runs }: Series, metric: (record: RequestRecord) => number | null): Distribution | null {
  const records = runs.flatMap((run) => run.requests.filter((record) => record.status === "ok"));
  return distribution(records.map(metric).filter((value) => value !== null));
}

/** How many batches had n sequences, over all repeats. */
export function batchSizesOf({ runs }: Pick<Series, "runs">): number[] {
  const sizes: number[] = [];
  for (const run of runs) {
    for (const [size, count] of run.batchSizes.entries()) sizes[size] = (sizes[size] ?? 0) + (count ?? 0);
  }
  return Array.from(sizes, (count) => count ?? 0);
}

/** What share of the computed rows was padding, over all repeats; null where the target does not tell. */
export function paddingShare({ runs }: Pick<Series, "runs">): number | null {
  const counted = runs.map((run) => run.counters).filter((counters) => counters !== null);
  if (counted.length === 0) return null;
  const rows = counted.reduce((sum, counters) => sum + counters.rows, 0);
  const paddingTokens = counted.reduce((sum, counters) => sum + counters.paddingTokens, 0);
  return 1 - (batchEfficiency({ rows, paddingTokens }) ?? 1);
}

/** A run's own figure: its mean over the rounds; null when no round has it. */
export function meanOverRounds({ runs }: Series, figure: (run: RunResult) => number | null | undefined): number | null {
  const values = runs.map(figure).filter((value) => value !== null && value !== undefined);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
