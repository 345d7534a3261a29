/**
 * Quantiles, defined once (docs/metrics.md): the q-quantile of m sorted values lies at position (m − 1) · q, linearly
 * between its neighbours (NumPy's default, Hyndman and Fan's type 7).
 */

/**
 * @param sorted ascending
 * @param q 0 to 1
 * @returns NaN of no values
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  return low + ((sorted[below + 1] ?? low) - low) * (position - below);
}

/**
 * The same of values that stand there several times each, without writing them out.
 *
 * @param sorted ascending
 * @param timesOf how often the value at an index stands there: a whole number ≥ 0
 * @returns NaN of no values
 */
export function weightedQuantile(sorted: ArrayLike<number>, timesOf: (index: number) => number, q: number): number {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) count += timesOf(i);
  if (count === 0) return Number.NaN;
  const position = (count - 1) * q;
  const below = Math.floor(position);
  let seen = 0;
  let low = Number.NaN;
  for (let i = 0; i < sorted.length; i++) {
    seen += timesOf(i);
    if (Number.isNaN(low) && seen > below) low = sorted[i]!;
    if (seen > below + 1) return low + (sorted[i]! - low) * (position - below);
  }
  return low;
}

/** Middle of the values; NaN when there are none. */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** How often something was measured and how it is spread. */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
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
