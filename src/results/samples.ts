/** Values of which only the distribution is wanted, however many come: exact up to a million, within 0.1 % from there on. */
import { type Distribution, distributionOf, weightedQuantile } from "../metrics/quantile.js";

/** So many values are kept as they are: 8 MiB. */
const MAX_EXACT = 2 ** 20;
/** Buckets whose bounds differ by 0.2 %, so that a middle is off by 0.1 % at most. */
const BUCKET_RATIO = 1.002;
/** Values below this (a nanosecond, in milliseconds) count as 0. */
const SMALLEST = 1e-6;
const LOG_RATIO = Math.log(BUCKET_RATIO);

export class Samples {
  #exact: Float64Array | undefined = new Float64Array(64);
  #buckets = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    if (this.#exact && this.#count === this.#exact.length) this.#grow(this.#exact);
    if (this.#exact) this.#exact[this.#count] = value;
    else this.#toBucket(value);
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Null when there are none. */
  distribution(): Distribution | null {
    if (this.#count === 0) return null;
    if (this.#exact) return distributionOf(this.#exact.slice(0, this.#count).sort());
    const at = this.#quantiles();
    const mean = this.#sum / this.#count;
    return {
      count: this.#count,
      mean,
      min: this.#min,
      max: this.#max,
      p50: at(0.5),
      p90: at(0.9),
      p95: at(0.95),
      p99: at(0.99),
    };
  }

  #grow(exact: Float64Array): void {
    if (exact.length < MAX_EXACT) {
      this.#exact = new Float64Array(exact.length * 2);
      this.#exact.set(exact);
      return;
    }
    for (const value of exact) this.#toBucket(value);
    this.#exact = undefined;
  }

  #toBucket(value: number): void {
    const bucket = value < SMALLEST ? Number.NEGATIVE_INFINITY : Math.floor(Math.log(value) / LOG_RATIO);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** As if every sample were its bucket's middle. */
  #quantiles(): (q: number) => number {
    const sorted = [...this.#buckets].sort(([a], [b]) => a - b);
    const middles = Float64Array.from(sorted, ([bucket]) => Math.exp((bucket + 0.5) * LOG_RATIO));
    const timesOf = (index: number) => sorted[index]![1];
    return (q) => Math.min(this.#max, Math.max(this.#min, weightedQuantile(middles, timesOf, q)));
  }
}
