/** The metrics of one request, each defined once (docs/metrics.md). In milliseconds; null where there is none. */
import type { RequestTimes } from "./lifetime.js";

/** E2E latency: last token − dispatched. */
export function latencyMs(times: RequestTimes): number | null {
  return between(times.dispatchedMs, times.lastTokenMs);
}

/** Last token − intended: what a client that never runs late would see. */
export function scheduledLatencyMs(times: RequestTimes & { readonly intendedMs: number }): number | null {
  return between(times.intendedMs, times.lastTokenMs);
}

/** First token − dispatched. */
export function ttftMs(times: RequestTimes): number | null {
  return between(times.dispatchedMs, times.firstTokenMs);
}

/**
 * (E2E − TTFT) ÷ (n − 1). Null for fewer than two tokens, and where all text came in one chunk: a scheduler that
 * delivers at batch end shows its client no time per token, and 0 would be a lie.
 */
export function tpotMs(times: RequestTimes): number | null {
  if (times.outputTokens < 2 || times.gapsMs.length === 0) return null;
  const decodingMs = decodeMs(times);
  return decodingMs === null ? null : decodingMs / (times.outputTokens - 1);
}

/** Time in the queue: started − dispatched. */
export function queueMs(times: RequestTimes): number | null {
  return between(times.dispatchedMs, times.startedMs);
}

/** Last token − started. */
export function processingMs(times: RequestTimes): number | null {
  return between(times.startedMs, times.lastTokenMs);
}

/** First token − started. */
export function prefillMs(times: RequestTimes): number | null {
  return between(times.startedMs, times.firstTokenMs);
}

/** Last token − first token. */
export function decodeMs(times: RequestTimes): number | null {
  return between(times.firstTokenMs, times.lastTokenMs);
}

function between(fromMs: number | null, toMs: number | null): number | null {
  return fromMs === null || toMs === null ? null : toMs - fromMs;
}
