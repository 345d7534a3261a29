/** A run's figures, gathered request by request, so that memory does not grow with the run. Defined in docs/metrics.md. */
import { batchEfficiency, meanBatchSize } from "../metrics/batches.js";
import { latencyMs, processingMs, queueMs, scheduledLatencyMs, tpotMs, ttftMs } from "../metrics/request.js";
import type { SchedulerCounters } from "../scheduler/counters.js";
import { Samples } from "./samples.js";
import type { RequestRecord, RunSummary } from "./schema.js";
import { type Objective, requestMeets } from "./slo.js";

/** A client whose p99 lag is at most this, or 5 % of the median latency, does not change what is measured. */
const ALLOWED_LAG_MS = 10;
const ALLOWED_LAG_SHARE = 0.05;

/** The figures with a value a request; of requests that ended well. */
const METRICS = {
  latencyMs,
  scheduledLatencyMs,
  ttftMs,
  tpotMs,
  queueMs,
  processingMs,
} as const satisfies Partial<Record<keyof RunSummary, (record: RequestRecord) => number | null>>;

type MetricName = keyof typeof METRICS;
const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** Only requests that ended well count into times, tokens and throughput; the others are counted. */
export class SummaryDraft {
  readonly #counts = { ok: 0, failed: 0, rejected: 0, cancelled: 0 };
  readonly #errors: Record<string, number> = {};
  readonly #metrics = Object.fromEntries(METRIC_NAMES.map((name) => [name, new Samples()])) as Record<
    MetricName,
    Samples
  >;
  readonly #itl = new Samples();
  readonly #lag = new Samples();
  #inputTokens = 0;
  #outputTokens = 0;
  #good = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly objectives: readonly Objective[]) {}

  add(record: RequestRecord): void {
    this.#counts[record.status]++;
    this.#firstMs = Math.min(this.#firstMs, record.dispatchedMs);
    this.#lastMs = Math.max(this.#lastMs, record.endedMs);
    this.#lag.add(record.dispatchedMs - record.intendedMs);
    if (record.status !== "ok") {
      const reason = reasonOf(record);
      this.#errors[reason] = (this.#errors[reason] ?? 0) + 1;
      return;
    }
    this.#inputTokens += record.inputTokens;
    this.#outputTokens += record.outputTokens;
    if (this.objectives.length > 0 && requestMeets(record, this.objectives)) this.#good++;
    for (const name of METRIC_NAMES) {
      const value = METRICS[name](record);
      if (value !== null) this.#metrics[name].add(value);
    }
    for (const gap of record.gapsMs) this.#itl.add(gap);
  }

  /** @param counters null for a target that does not show its scheduler */
  toSummary(counters: SchedulerCounters | null): RunSummary {
    const { ok, failed, rejected, cancelled } = this.#counts;
    const requests = ok + failed + rejected + cancelled;
    // Last end − first dispatch.
    const durationMs = requests === 0 ? 0 : this.#lastMs - this.#firstMs;
    const perSec = (total: number): number => (durationMs > 0 ? (total / durationMs) * 1000 : 0);
    const good = { requests: this.#good, share: requests === 0 ? 0 : this.#good / requests };
    return {
      requests,
      ...this.#counts,
      errors: { ...this.#errors },
      durationMs,
      requestsPerSec: perSec(ok),
      tokensPerSec: perSec(this.#outputTokens),
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      ...this.#distributions(),
      ...this.#clientLag(),
      ...batchFigures(counters),
      overSaturated: false,
      goodput: this.objectives.length === 0 ? null : { ...good, requestsPerSec: perSec(this.#good) },
    };
  }

  #distributions(): Pick<RunSummary, MetricName | "itlMs"> {
    const entries = METRIC_NAMES.map((name) => [name, this.#metrics[name].distribution()] as const);
    return {
      ...(Object.fromEntries(entries) as Pick<RunSummary, MetricName>),
      itlMs: this.#itl.distribution(),
    };
  }

  #clientLag(): Pick<RunSummary, "clientLagMs" | "clientKeptUp"> {
    const lag = this.#lag.distribution();
    const allowedMs = Math.max(ALLOWED_LAG_MS, ALLOWED_LAG_SHARE * (this.#metrics.latencyMs.distribution()?.p50 ?? 0));
    return { clientLagMs: lag, clientKeptUp: lag === null || lag.p99 <= allowedMs };
  }
}

/** The figures of records that are all there. */
export function summarize(
  records: readonly RequestRecord[],
  { counters, objectives }: { counters: SchedulerCounters | null; objectives: readonly Objective[] },
): RunSummary {
  const draft = new SummaryDraft(objectives);
  for (const record of records) draft.add(record);
  return draft.toSummary(counters);
}

/** A stream that broke off began with 200, which says nothing about why it ended. */
function reasonOf({ httpStatus, errorCode }: RequestRecord): string {
  return httpStatus !== null && httpStatus !== 200 ? String(httpStatus) : (errorCode ?? "unknown");
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
