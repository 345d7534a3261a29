import { batchLimit, batchWait } from "../../options.js";
import { definePolicy, type SchedulerView } from "../policy.js";
import { padToLongest, runToCompletion, whenFullOrAt } from "./run-to-completion.js";

/**
 * Batches of `batchSize`, or what has come when the collection's time is up. A collection begins when the last batch
 * ended, requests or not; one that ends empty begins anew.
 */
export const asyncNaive = definePolicy({
  name: "async-naive",
  summary: "batches of batchSize, or what waits timeoutMs after collecting began",
  options: {
    batchSize: batchLimit(4, 256, "requests in a batch"),
    timeoutMs: batchWait(500, "how long a batch is collected"),
    padToLongest,
  },
  create: ({ batchSize, timeoutMs, padToLongest }) =>
    runToCompletion({
      maxSequences: batchSize,
      padToLongest,
      mayStart: (view, nowMs) => whenFullOrAt(batchSize, collectionEndMs(view, timeoutMs), view, nowMs),
    }),
});

/** The end of the collection during which the oldest waiting request came. */
function collectionEndMs({ idleSinceMs, oldestArrivalMs }: SchedulerView, timeoutMs: number): number {
  const waitedForMs = Math.max(0, oldestArrivalMs - idleSinceMs);
  const emptyCollections = timeoutMs > 0 ? Math.floor(waitedForMs / timeoutMs) : 0;
  return idleSinceMs + (emptyCollections + 1) * timeoutMs;
}
