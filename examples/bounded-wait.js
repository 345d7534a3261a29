// A policy from nothing (docs/policies.md walks through it): continuous batching that waits for a little company, so
// that the prompts of requests that arrive close together share a step.

/** One token of every sequence, or the prompts when there are any. */
function promptsFirst({ running, maxStepTokens }) {
  const prompts = running.filter((sequence) => !sequence.decoding);
  const rows = [];
  let left = maxStepTokens;
  for (const sequence of prompts.length > 0 ? prompts : running) {
    const count = Math.min(sequence.pending, left);
    if (count > 0) rows.push({ sequence, count });
    left -= count;
  }
  return rows;
}

export default {
  name: "bounded-wait",
  summary: "continuous, but an arrival waits up to maxWaitMs for a second one",
  options: {
    maxNumSeqs: {
      kind: "number",
      default: 32,
      min: 1,
      max: 256,
      integer: true,
      help: "most sequences at once",
      role: "batch-limit",
    },
    maxWaitMs: {
      kind: "number",
      default: 10,
      min: 0,
      max: 1000,
      integer: false,
      help: "how long to wait for company",
      role: "batch-wait",
    },
  },
  create: ({ maxNumSeqs, maxWaitMs }) => ({
    maxSequences: maxNumSeqs,
    admitsWhileRunning: true,
    delivery: "stream",
    padToLongest: false,
    reusesPrefixes: false,
    mayStart(view, nowMs) {
      const dueMs = view.oldestArrivalMs + maxWaitMs;
      const start = maxNumSeqs - view.running.length;
      return view.waiting >= 2 || view.flushing || nowMs >= dueMs ? { start } : { waitUntilMs: dueMs };
    },
    rows: promptsFirst,
  }),
};
