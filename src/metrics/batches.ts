/** The metrics of batches, from the scheduler's counters. Defined in docs/metrics.md. */
import type { SchedulerCounters } from "../scheduler/counters.js";

/**
 * Mean number of sequences in a batch; null without batches.
 *
 * @param batchSizes how many batches had n sequences
 * @param before the same at an earlier time: only what came since then counts
 */
export function meanBatchSize(batchSizes: readonly number[], before: readonly number[] = []): number | null {
  let batches = 0;
  let sequences = 0;
  for (const [size, count] of batchSizes.entries()) {
    const since = (count ?? 0) - (before[size] ?? 0);
    batches += since;
    sequences += since * size;
  }
  return batches === 0 ? null : sequences / batches;
}

/** Rows that were not padding ÷ rows computed: 1 is no waste. Null before the first row. */
export function batchEfficiency({ rows, paddingTokens }: Pick<SchedulerCounters, "rows" | "paddingTokens">) {
  return rows === 0 ? null : 1 - paddingTokens / rows;
}
