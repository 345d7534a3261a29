import type { CostModel } from "./cost.js";

/** Time for one token of one sequence alone, and the least share of it that batching leaves. */
const TOKEN_MS = 50;
const BEST_EFFICIENCY = 0.5;

/**
 * The static-scheduling notebook's mock model: a step takes `0.05 s × max(0.5, 1 − 0.1·ln(batch))`, so that a batch whose
 * longest output has `max_tokens` tokens takes `max_tokens` times that.
 */
export const notebookCost: CostModel = {
  description: "the notebook's cost formula",
  stepMs: ({ rows }) => TOKEN_MS * Math.max(BEST_EFFICIENCY, 1 - 0.1 * Math.log(rows.length)),
};
