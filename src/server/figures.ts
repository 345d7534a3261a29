import { latencyMs, queueMs, ttftMs } from "../metrics/request.js";
import type { Choice } from "./answer.js";

/** The scheduler's own figures of a request, as `/generate` and `/correct` return them: token counts, seconds (docs/metrics.md), its batch. */
export function figuresOf(id: string, { finished, trace: { life } }: Choice) {
  return {
    id,
    finish_reason: finished.reason,
    prompt_tokens: finished.promptTokens,
    completion_tokens: finished.completionTokens,
    queue_s: seconds(queueMs(life)),
    ttft_s: seconds(ttftMs(life)),
    latency_s: seconds(latencyMs(life)),
    batch: life.placement.batch,
    batch_size: life.placement.batchSize,
  };
}

/** Milliseconds as seconds with microseconds; null for a time that never came. */
function seconds(durationMs: number | null): number | null {
  return durationMs === null ? null : Math.round(durationMs * 1000) / 1e6;
}
