/** Seeded randomness, the only kind Sluice uses. */

/** Mixes two 32-bit integers into one well-spread unsigned 32-bit integer (the finalizer of MurmurHash3). */
export function hash32(seed: number, index: number): number {
  let h = (seed ^ Math.imul(index + 0x9e3779b9, 0x85ebca6b)) | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/**
 * A number in [0, 1) that depends on nothing but its arguments. A sequence that draws its n-th token with
 * `uniformAt(seed, n)` repeats itself in whatever batch it runs and however often it is preempted.
 */
export function uniformAt(seed: number, index: number): number {
  return hash32(hash32(seed, index), ~index) / 0x1_0000_0000;
}

/** A seeded stream of numbers. */
export class Random {
  readonly #seed: number;
  #index = 0;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return uniformAt(this.#seed, this.#index++);
  }

  /** A whole number in [min, max], both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.uniform() * (max - min + 1));
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Gamma with shape k and scale θ (Marsaglia and Tsang, 2000; boosted for k < 1). */
  gamma(shape: number, scale: number): number {
    if (shape < 1) return this.gamma(shape + 1, scale) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale;
    }
  }
}
