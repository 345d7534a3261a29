import { batchLimit } from "../../options.js";
import { definePolicy } from "../policy.js";
import { padToLongest, runToCompletion, whenFullOrAt } from "./run-to-completion.js";

/** Batches of exactly `batchSize`; a remainder waits for `flush()` or `shutdown()`. */
export const naive = definePolicy({
  name: "naive",
  summary: "batches of exactly batchSize requests; a remainder only on flush",
  options: {
    batchSize: batchLimit(4, 256, "requests in a batch"),
    padToLongest,
  },
  create: ({ batchSize, padToLongest }) =>
    runToCompletion({
      maxSequences: batchSize,
      padToLongest,
      mayStart: (view, nowMs) => whenFullOrAt(batchSize, Number.POSITIVE_INFINITY, view, nowMs),
    }),
  refuse: ({ batchSize }, { concurrency }) =>
    batchSize > concurrency
      ? `batchSize ${batchSize} > ${concurrency} concurrent clients: a batch would never fill; lower batchSize or raise the concurrency`
      : undefined,
});
