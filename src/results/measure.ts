/** Figures of many values: quantiles, distributions, batches. Defined in docs/metrics.md. */
import type { SchedulerCounters } from "../scheduler/counters.js";
import type { Distribution } from "./schema.js";

/**
 * The q-quantile with linear interpolation between the two nearest ranks (NumPy's default, Hyndman and Fan's type 7).
 *
 * @param sorted ascending, not empty
 * @param q 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** Null when there are no samples. */
export function distribution(samples: readonly number[]): Distribution | null {
  return samples.length === 0 ? null : distributionOf(Float64Array.from(samples).sort());
}

/** @param sorted ascending, not empty */
export function distributionOf(sorted: Float64Array): Distribution {
  let sum = 0;
  for (const sample of sorted) sum += sample;
  return {
    count: sorted.length,
    mean: sum / sorted.length,
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
  };
}

/** Middle of the values; NaN when there are none. */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** Mean number of sequences in a batch; null without batches. */
export function meanBatchSize(batchSizes: readonly number[]): number | null {
  let batches = 0;
  let sequences = 0;
  batchSizes.forEach((count, size) => {
    batches += count;
    sequences += count * size;
  });
  return batches === 0 ? null : sequences / batches;
}

/** Rows that were not padding ÷ rows computed: 1 is no waste. Null before the first row. */
export function batchEfficiency(counters: SchedulerCounters): number | null {
  return counters.rows === 0 ? null : 1 - counters.paddingTokens / counters.rows;
}
