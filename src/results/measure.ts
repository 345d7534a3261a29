/** Figures of many requests: distributions, throughput, batches. Defined in docs/metrics.md. */
import type { SchedulerCounters } from "../scheduler/counters.js";
import { latencyMs, processingMs, queueMs, scheduledLatencyMs, tpotMs, ttftMs } from "./request-metrics.js";
import type { Distribution, RequestRecord, RunSummary } from "./schema.js";
import { type Objective, requestMeets } from "./slo.js";

/**
 * The q-quantile with linear interpolation between the two nearest ranks (NumPy's default, Hyndman and Fan's type 7).
 *
 * @param sorted ascending, not empty
 * @param q 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** Null when there are no samples. */
export function distribution(samples: readonly number[]): Distribution | null {
  if (samples.length === 0) return null;
  const sorted = Float64Array.from(samples).sort();
  let sum = 0;
  for (const sample of sorted) sum += sample;
  return {
    count: sorted.length,
    mean: sum / sorted.length,
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
  };
}

/** Middle of the values; NaN when there are none. */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** Mean number of sequences in a batch; null without batches. */
export function meanBatchSize(batchSizes: readonly number[]): number | null {
  let batches = 0;
  let sequences = 0;
  batchSizes.forEach((count, size) => {
    batches += count;
    sequences += count * size;
  });
  return batches === 0 ? null : sequences / batches;
}

/** Rows that were not padding ÷ rows computed: 1 is no waste. Null before the first row. */
export function batchEfficiency(counters: SchedulerCounters): number | null {
  return counters.rows === 0 ? null : 1 - counters.paddingTokens / counters.rows;
}

/** What else a run's summary is made from. */
export interface SummaryInputs {
  /** Null for a target that does not show its scheduler. */
  counters: SchedulerCounters | null;
  objectives: readonly Objective[];
}

/** A run's figures. Only requests that ended well count into times, tokens and throughput; the others are counted. */
export function summarize(records: readonly RequestRecord[], inputs: SummaryInputs): RunSummary {
  const ok = records.filter((record) => record.status === "ok");
  const durationMs = durationOf(records);
  const perSec = (total: number): number => (durationMs > 0 ? (total / durationMs) * 1000 : 0);
  const outputTokens = sum(ok, (record) => record.outputTokens);
  return {
    requests: records.length,
    ok: ok.length,
    failed: withStatus(records, "failed"),
    rejected: withStatus(records, "rejected"),
    cancelled: withStatus(records, "cancelled"),
    errors: errorCounts(records),
    durationMs,
    requestsPerSec: perSec(ok.length),
    tokensPerSec: perSec(outputTokens),
    inputTokens: sum(ok, (record) => record.inputTokens),
    outputTokens,
    latencyMs: distribution(present(ok, latencyMs)),
    scheduledLatencyMs: distribution(present(ok, scheduledLatencyMs)),
    ttftMs: distribution(present(ok, ttftMs)),
    tpotMs: distribution(present(ok, tpotMs)),
    itlMs: distribution(ok.flatMap((record) => record.gapsMs)),
    queueMs: distribution(present(ok, queueMs)),
    processingMs: distribution(present(ok, processingMs)),
    ...clientLag(records),
    ...batchFigures(inputs.counters),
    goodput: goodput(ok, records.length, inputs.objectives, perSec),
  };
}

/** Last end − first dispatch. */
export function durationOf(records: readonly RequestRecord[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    first = Math.min(first, record.dispatchedMs);
    last = Math.max(last, record.endedMs);
  }
  return records.length === 0 ? 0 : last - first;
}

function batchFigures(
  counters: SchedulerCounters | null,
): Pick<RunSummary, "batches" | "batchSizeMean" | "batchEfficiency" | "paddingTokens"> {
  if (!counters) return { batches: null, batchSizeMean: null, batchEfficiency: null, paddingTokens: null };
  return {
    batches: counters.batches,
    batchSizeMean: meanBatchSize(counters.batchSizes),
    batchEfficiency: batchEfficiency(counters),
    paddingTokens: counters.paddingTokens,
  };
}

/** A lag of at most 10 ms, or 5 % of the median latency, does not change what is measured. */
function clientLag(records: readonly RequestRecord[]): Pick<RunSummary, "clientLagMs" | "clientKeptUp"> {
  const lag = distribution(records.map((record) => record.dispatchedMs - record.intendedMs));
  const latency = distribution(present(records, latencyMs));
  const allowedMs = Math.max(10, 0.05 * (latency?.p50 ?? 0));
  return { clientLagMs: lag, clientKeptUp: lag === null || lag.p99 <= allowedMs };
}

function goodput(
  ok: readonly RequestRecord[],
  requests: number,
  objectives: readonly Objective[],
  perSec: (total: number) => number,
): RunSummary["goodput"] {
  if (objectives.length === 0) return null;
  const good = ok.filter((record) => requestMeets(record, objectives)).length;
  return { requests: good, requestsPerSec: perSec(good), share: requests === 0 ? 0 : good / requests };
}

function errorCounts(records: readonly RequestRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) {
    if (record.status === "ok") continue;
    // A stream that broke off began with 200, which says nothing about why it ended.
    const refused = record.httpStatus !== null && record.httpStatus >= 400;
    const key = refused ? String(record.httpStatus) : (record.errorCode ?? "unknown");
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function present(records: readonly RequestRecord[], metric: (record: RequestRecord) => number | null): number[] {
  return records.map(metric).filter((value) => value !== null);
}

function withStatus(records: readonly RequestRecord[], status: RequestRecord["status"]): number {
  return records.filter((record) => record.status === status).length;
}

function sum(records: readonly RequestRecord[], of: (record: RequestRecord) => number): number {
  return records.reduce((total, record) => total + of(record), 0);
}
