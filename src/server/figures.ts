import type { Choice } from "./answer.js";

/** The scheduler's own figures of a request, as `/generate` and `/correct` return them: token counts, seconds, its batch. */
export function figuresOf(id: string, { finished, trace }: Choice) {
  return {
    id,
    finish_reason: finished.reason,
    prompt_tokens: finished.promptTokens,
    completion_tokens: finished.completionTokens,
    queue_s: seconds(trace.startedMs - trace.arrivalMs),
    ttft_s: seconds(trace.firstTokenMs - trace.arrivalMs),
    latency_s: seconds(finished.nowMs - trace.arrivalMs),
    batch: trace.batch,
    batch_size: trace.batchSize,
  };
}

/** Milliseconds as seconds with microseconds; null for a time that never came. */
function seconds(durationMs: number): number | null {
  return Number.isNaN(durationMs) ? null : Math.round(durationMs * 1000) / 1e6;
}
