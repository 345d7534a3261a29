import { batchLimit, batchWait, count, milliseconds, share } from "../../options.js";
import { definePolicy } from "../policy.js";
import { padToLongest, runToCompletion, whenFullOrAt } from "./run-to-completion.js";

/** After a batch without memory pressure the next may have this many more; under pressure, one less. */
const GROWTH = 2;
const SHRINKAGE = 1;

/** Batches whose size follows memory usage, with a bound on how long the oldest request waits. */
export const dynamic = definePolicy({
  name: "dynamic",
  summary: "adaptive batch size, a timeout, and a latency bound for the oldest request",
  options: {
    batchSize: count(8, 1, 256, "batch size to begin with"),
    minBatchSize: count(4, 1, 256, "smallest batch size"),
    maxBatchSize: batchLimit(32, 256, "largest batch size"),
    timeoutMs: batchWait(500, "how long the first request of a batch waits for others once the engine is free"),
    maxTimeWaitMs: milliseconds(
      2000,
      "the latency SLA: a batch starts when its oldest request has waited so long in all",
    ),
    // vLLM users set the share of memory by this variable.
    memoryThreshold: { ...share(0.8, "memory usage from which on batches shrink"), variable: "GPU_MEMORY_UTIL" },
    padToLongest,
  },
  create: ({ batchSize, minBatchSize, maxBatchSize, timeoutMs, maxTimeWaitMs, memoryThreshold, padToLongest }) => {
    let size = batchSize;
    return runToCompletion({
      maxSequences: maxBatchSize,
      padToLongest,
      mayStart: (view, nowMs) => {
        const timeoutAtMs = Math.max(view.idleSinceMs, view.oldestArrivalMs) + timeoutMs;
        return whenFullOrAt(size, Math.min(timeoutAtMs, view.oldestArrivalMs + maxTimeWaitMs), view, nowMs);
      },
      batchEnded: ({ memoryUsage }) => {
        const change = memoryUsage >= memoryThreshold ? -SHRINKAGE : GROWTH;
        size = Math.min(maxBatchSize, Math.max(minBatchSize, size + change));
      },
    });
  },
  refuse: ({ batchSize, minBatchSize, maxBatchSize }) =>
    minBatchSize <= batchSize && batchSize <= maxBatchSize
      ? undefined
      : `batchSize ${batchSize} must lie between minBatchSize ${minBatchSize} and maxBatchSize ${maxBatchSize}`,
});
