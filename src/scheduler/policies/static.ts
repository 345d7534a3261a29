import { batchLimit, batchWait } from "../../options.js";
import { definePolicy } from "../policy.js";
import { padToLongest, runToCompletion, whenFullOrAt } from "./run-to-completion.js";

/** Batches of up to `maxBatchSize`; the first request of a batch waits at most `maxWaitMs` for company. */
export const staticBatching = definePolicy({
  name: "static",
  summary: "batches of up to maxBatchSize, or what waits maxWaitMs after the batch's first request",
  options: {
    maxBatchSize: batchLimit(8, 256, "most requests in a batch"),
    maxWaitMs: batchWait(20, "how long the batch's first request waits for others once the engine is free"),
    padToLongest,
  },
  create: ({ maxBatchSize, maxWaitMs, padToLongest }) =>
    runToCompletion({
      maxSequences: maxBatchSize,
      padToLongest,
      mayStart: (view, nowMs) => {
        const firstJoinedMs = Math.max(view.idleSinceMs, view.oldestArrivalMs);
        return whenFullOrAt(maxBatchSize, firstJoinedMs + maxWaitMs, view, nowMs);
      },
    }),
});
