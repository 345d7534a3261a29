/** Service level objectives, as `--slo 'ttft_p95<500ms,tpot_p95<50ms'` gives them. */
import { SluiceError } from "../errors.js";
import { latencyMs, queueMs, scheduledLatencyMs, tpotMs, ttftMs } from "../metrics/request.js";
import type { RequestRecord } from "./schema.js";

const METRICS = {
  ttft: ttftMs,
  tpot: tpotMs,
  latency: latencyMs,
  e2e: latencyMs,
  scheduled: scheduledLatencyMs,
  queue: queueMs,
} as const;

/** One limit. */
export interface Objective {
  /** As it was written. */
  readonly text: string;
  readonly metric: keyof typeof METRICS;
  /** The share of requests that must stay below the limit, 0 to 1: p95 is 0.95. */
  readonly share: number;
  readonly limitMs: number;
}

/**
 * Reads a comma-separated list of objectives: a metric, optionally `_p` and a percentile (default 100: every request),
 * `<`, and a time in `ms` or `s`.
 *
 * @throws SluiceError `usage`: names the part that is wrong
 */
export function parseObjectives(text: string): Objective[] {
  return text.split(",").map((part) => parseObjective(part.trim()));
}

function parseObjective(text: string): Objective {
  const match = /^([a-z0-9]+?)(?:_p(\d+(?:\.\d+)?))?\s*<=?\s*(\d+(?:\.\d+)?)\s*(ms|s)$/.exec(text);
  const metric = match?.[1];
  const percentile = Number(match?.[2] ?? 100);
  if (!match || !metric || !Object.hasOwn(METRICS, metric) || percentile > 100) {
    const names = Object.keys(METRICS).join(", ");
    throw new SluiceError("usage", `--slo: "${text}" is not like "ttft_p95<500ms"; metrics are ${names}`, {
      field: "slo",
    });
  }
  return {
    text,
    metric: metric as keyof typeof METRICS,
    share: percentile / 100,
    limitMs: Number(match[3]) * (match[4] === "s" ? 1000 : 1),
  };
}

/** Whether a request stayed below every limit. A metric that it has not (one token has no TPOT) is no violation. */
export function requestMeets(record: RequestRecord, objectives: readonly Objective[]): boolean {
  return objectives.every((objective) => {
    const value = METRICS[objective.metric](record);
    return value === null || value < objective.limitMs;
  });
}

/** An objective and what a run made of it. */
export interface Attainment {
  readonly objective: Objective;
  /**
   * Share of the requests below the limit: of those that have the figure and those that did not end well, which are not.
   * Undefined when no request has the figure.
   */
  readonly share: number | undefined;
  /** Never without data. */
  readonly met: boolean;
}

/** How a run's requests stand against each objective. */
export function attainments(records: readonly RequestRecord[], objectives: readonly Objective[]): Attainment[] {
  const failed = records.filter((record) => record.status !== "ok").length;
  return objectives.map((objective) => {
    const values = records
      .filter((record) => record.status === "ok")
      .map(METRICS[objective.metric])
      .filter((value) => value !== null);
    if (values.length === 0) return { objective, share: undefined, met: false };
    const share = values.filter((value) => value < objective.limitMs).length / (values.length + failed);
    return { objective, share, met: share >= objective.share };
  });
}
