/** The figures that variants are compared by: one list for charts, findings, `compare` and tables. */

import { latencyMs, queueMs, tpotMs, ttftMs } from "../metrics/request.js";
import { logRatios, pairedEstimate } from "./paired.js";
import type { RequestRecord, RunResult } from "./schema.js";
import type { Series } from "./series.js";
import {
  type Estimate,
  estimate,
  MIN_RUNS_AS_UNITS,
  mergedValue,
  type RunValues,
  ratioOf,
  type Statistic,
} from "./statistics.js";

export interface Metric {
  /** What `--fail-over` calls it. */
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "req/s" | "tokens/s";
  readonly higherIsBetter: boolean;
  readonly statistic: Statistic;
  /** A value a request, or the run's own figure alone. */
  values(run: RunResult): RunValues;
}

type RequestMetric = (record: RequestRecord) => number | null;

export const THROUGHPUT = rate("throughput", "throughput", "req/s", (run) => run.summary.requestsPerSec);
export const TOKENS = rate("tokens", "throughput", "tokens/s", (run) => run.summary.tokensPerSec);
export const MEAN = time("mean", "mean latency", latencyMs, { kind: "mean" });
export const P50 = time("p50", "p50 latency", latencyMs, percentile(50));
export const P95 = time("p95", "p95 latency", latencyMs, percentile(95));
export const P99 = time("p99", "p99 latency", latencyMs, percentile(99));
export const TTFT_P50 = time("ttft_p50", "p50 TTFT", ttftMs, percentile(50));
export const TTFT_P95 = time("ttft_p95", "p95 TTFT", ttftMs, percentile(95));
export const TTFT_P99 = time("ttft_p99", "p99 TTFT", ttftMs, percentile(99));
export const TPOT_P50 = time("tpot_p50", "p50 TPOT", tpotMs, percentile(50));
export const TPOT_P95 = time("tpot_p95", "p95 TPOT", tpotMs, percentile(95));
export const QUEUE_P50 = time("queue_p50", "p50 time in the queue", queueMs, percentile(50));
export const QUEUE_P95 = time("queue_p95", "p95 time in the queue", queueMs, percentile(95));

/** All of them. */
export const METRICS: readonly Metric[] = [
  THROUGHPUT,
  TOKENS,
  MEAN,
  P50,
  P95,
  P99,
  TTFT_P50,
  TTFT_P95,
  TTFT_P99,
  TPOT_P50,
  TPOT_P95,
  QUEUE_P50,
  QUEUE_P95,
];

/** A variant's figure over all its runs, with its error. Undefined when no request had it. */
export function measure(series: Series, metric: Metric): Estimate | undefined {
  return estimate(series.runs.map(metric.values), metric.statistic);
}

/**
 * A variant's figure ÷ another's: paired where both had the same requests in at least three rounds, as they have in one
 * results file, else of two independent samples. Undefined when one of them has no such figure.
 */
export function ratioBetween(a: Series, b: Series, metric: Metric): Estimate | undefined {
  const logs = logRatios(roundsOf(a, metric), roundsOf(b, metric));
  if (logs.length >= MIN_RUNS_AS_UNITS) return pairedEstimate(logs);
  const [first, second] = [measure(a, metric), measure(b, metric)];
  return first && second && ratioOf(first, second);
}

/** The figure of each round by itself. */
function roundsOf({ runs }: Series, metric: Metric): Map<number, number> {
  return new Map(
    runs.flatMap((run) => {
      const value = mergedValue([metric.values(run)], metric.statistic);
      return value === undefined ? [] : [[run.run, value] as const];
    }),
  );
}

/** A variant's figure over all its runs, and how far its repeats lie apart. */
export interface Spread {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A figure that a run has as a whole: its mean over the rounds. Undefined when none has it. */
export function spreadOfRuns(
  { runs }: Series,
  figure: (run: RunResult) => number | null | undefined,
): Spread | undefined {
  const values = runs.map(figure).filter((value) => value !== null && value !== undefined);
  if (values.length === 0) return undefined;
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  return { value, low: Math.min(...values), high: Math.max(...values) };
}

/** Undefined when no request had the figure. */
export function spreadOf(series: Series, metric: Metric): Spread | undefined {
  const runs = series.runs.map(metric.values);
  const value = mergedValue(runs, metric.statistic);
  if (value === undefined) return undefined;
  const repeats = runs.map((run) => mergedValue([run], metric.statistic)).filter((repeat) => repeat !== undefined);
  return { value, low: Math.min(value, ...repeats), high: Math.max(value, ...repeats) };
}

/** As a CSV has it: times in seconds. */
export function csvSpread(series: Series, metric: Metric): Spread | undefined {
  const spread = spreadOf(series, metric);
  if (spread === undefined || metric.unit !== "ms") return spread;
  return { value: spread.value / 1000, low: spread.low / 1000, high: spread.high / 1000 };
}

function rate(id: string, title: string, unit: Metric["unit"], of: (run: RunResult) => number): Metric {
  const values = (run: RunResult): RunValues => (run.summary.ok > 0 ? [of(run)] : []);
  return { id, title, unit, higherIsBetter: true, statistic: { kind: "mean" }, values };
}

function time(id: string, title: string, of: RequestMetric, statistic: Statistic): Metric {
  const values = (run: RunResult): RunValues =>
    run.requests
      .filter((record) => record.status === "ok")
      .map(of)
      .filter((value) => value !== null);
  return { id, title, unit: "ms", higherIsBetter: false, statistic, values };
}

function percentile(percent: number): Statistic {
  return { kind: "percentile", percent };
}
