import { definePolicy } from "../policy.js";
import { promptsThenTokens } from "../rows.js";

/** One request at a time: the un-batched baseline. */
export const sequential = definePolicy({
  name: "sequential",
  summary: "one request at a time, streamed: the un-batched baseline",
  options: {},
  create: () => ({
    maxSequences: 1,
    admitsWhileRunning: false,
    delivery: "stream",
    padToLongest: false,
    reusesPrefixes: false,
    mayStart: () => ({ start: 1 }),
    rows: promptsThenTokens,
  }),
});
