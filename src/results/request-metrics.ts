/** The metrics of one request, each defined once (docs/metrics.md). In milliseconds; null where there is none. */
import type { RequestRecord } from "./schema.js";

/** E2E latency: last token − dispatched. */
export function latencyMs(record: RequestRecord): number | null {
  return record.lastTokenMs === null ? null : record.lastTokenMs - record.dispatchedMs;
}

/** Last token − intended: what a client that never runs late would see. */
export function scheduledLatencyMs(record: RequestRecord): number | null {
  return record.lastTokenMs === null ? null : record.lastTokenMs - record.intendedMs;
}

/** First token − dispatched. */
export function ttftMs(record: RequestRecord): number | null {
  return record.firstTokenMs === null ? null : record.firstTokenMs - record.dispatchedMs;
}

/**
 * (E2E − TTFT) ÷ (n − 1). Null for fewer than two tokens, and where all tokens came in one piece: a scheduler that
 * delivers at batch end shows its client no time per token, and 0 would be a lie.
 */
export function tpotMs(record: RequestRecord): number | null {
  if (record.firstTokenMs === null || record.lastTokenMs === null) return null;
  if (record.outputTokens < 2 || record.gapsMs.length === 0) return null;
  return (record.lastTokenMs - record.firstTokenMs) / (record.outputTokens - 1);
}

/** Time in the queue: started − dispatched. */
export function queueMs(record: RequestRecord): number | null {
  return record.startedMs === null ? null : record.startedMs - record.dispatchedMs;
}

/** Last token − started. */
export function processingMs(record: RequestRecord): number | null {
  return record.startedMs === null || record.lastTokenMs === null ? null : record.lastTokenMs - record.startedMs;
}
