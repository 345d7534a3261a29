import type { StepObserver } from "../scheduler/crank.js";
import type { HostStats } from "./protocol.js";

/** Buckets per doubling: percentiles are right within 4.5 %. */
const BUCKETS_PER_DOUBLING = 16;
const SMALLEST_MS = 0.001;
const BUCKETS = 24 * BUCKETS_PER_DOUBLING;

/** Measures the time between the end of a step and the beginning of the next while there is work. */
export class StepGaps implements StepObserver {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #totalMs = 0;
  #maxMs = 0;
  #busyMs = 0;
  #lastEndMs = Number.NaN;
  #beganMs = 0;

  stepBegins(nowMs: number): void {
    this.#beganMs = nowMs;
    if (Number.isNaN(this.#lastEndMs)) return;
    const gapMs = nowMs - this.#lastEndMs;
    this.#buckets[bucketOf(gapMs)]!++;
    this.#count++;
    this.#totalMs += gapMs;
    this.#busyMs += gapMs;
    this.#maxMs = Math.max(this.#maxMs, gapMs);
  }

  stepEnded(nowMs: number): void {
    this.#busyMs += nowMs - this.#beganMs;
    this.#lastEndMs = nowMs;
  }

  waits(): void {
    this.#lastEndMs = Number.NaN;
  }

  /** Time during which steps ran or followed each other. */
  get busyMs(): number {
    return this.#busyMs;
  }

  summary(): HostStats["stepGapMs"] {
    return { p50: this.#percentileMs(0.5), p99: this.#percentileMs(0.99), max: this.#maxMs, total: this.#totalMs };
  }

  #percentileMs(share: number): number {
    let left = share * this.#count;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket]!;
      if (left <= 0) return this.#count === 0 ? 0 : Math.min(this.#maxMs, upperMs(bucket));
    }
    return this.#maxMs;
  }
}

function bucketOf(ms: number): number {
  const doublings = Math.log2(Math.max(ms, SMALLEST_MS) / SMALLEST_MS);
  return Math.min(BUCKETS - 1, Math.floor(doublings * BUCKETS_PER_DOUBLING));
}

function upperMs(bucket: number): number {
  return SMALLEST_MS * 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING);
}
