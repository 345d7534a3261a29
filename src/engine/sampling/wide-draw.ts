import type { LogitsRow } from "./logits-row.js";

/** How much of a distribution is kept before a token is drawn from it. */
export interface Filter {
  readonly temperature: number;
  /** 0: all. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
}

const BINS = 2048;

/** e to this power is lost when added to 1 in double precision, however many tokens a vocabulary has. */
export const NEGLIGIBLE = -60;

/**
 * Draws from a distribution that may have to keep thousands of tokens: a large `topK`, or none. Sorting them would cost
 * milliseconds; tokens are counted into bins by their logit instead, and only the bin in which a limit falls is sorted.
 */
export class WideDraw {
  readonly #weights: Float64Array;
  readonly #counts = new Float64Array(BINS);

  constructor(vocabularySize: number) {
    this.#weights = new Float64Array(vocabularySize);
  }

  /** @param uniform in [0, 1) */
  draw(row: LogitsRow, filter: Filter, uniform: number): number {
    const best = row.argmax();
    if (best < 0) return -1;
    const logits = row.values;
    const largest = logits[best]!;
    this.#weigh(logits, largest, filter);
    if (filter.topK > 0 && filter.topK < logits.length) this.#cut(logits, largest, filter.topK, "tokens");
    if (filter.topP < 1) this.#cut(logits, largest, filter.topP * this.#total(), "mass");
    return this.#pick(uniform) ?? best;
  }

  #weigh(logits: Float32Array, largest: number, { temperature, minP }: Filter): void {
    const weights = this.#weights;
    for (let token = 0; token < logits.length; token++) {
      const scaled = (logits[token]! - largest) / temperature;
      const weight = scaled < NEGLIGIBLE ? 0 : Math.exp(scaled);
      weights[token] = weight >= minP ? weight : 0;
    }
  }

  #total(): number {
    const weights = this.#weights;
    let total = 0;
    for (let token = 0; token < weights.length; token++) total += weights[token]!;
    return total;
  }

  /** Keeps the likeliest tokens until their number or their mass reaches `limit`, the one that reaches it included. */
  #cut(logits: Float32Array, largest: number, limit: number, measured: "tokens" | "mass"): void {
    const weights = this.#weights;
    const counts = this.#counts.fill(0);
    const lowest = this.#lowestKept(logits);
    const scale = largest > lowest ? (BINS - 1) / (largest - lowest) : 0;
    const byMass = measured === "mass";
    for (let token = 0; token < logits.length; token++) {
      const weight = weights[token]!;
      if (weight > 0) counts[((largest - logits[token]!) * scale) | 0]! += byMass ? weight : 1;
    }
    let sum = 0;
    let bin = 0;
    while (bin < BINS && sum + counts[bin]! < limit) sum += counts[bin++]!;
    if (bin === BINS) return;
    const inBin: number[] = [];
    for (let token = 0; token < logits.length; token++) {
      if (weights[token]! === 0) continue;
      const at = ((largest - logits[token]!) * scale) | 0;
      if (at === bin) inBin.push(token);
      else if (at > bin) weights[token] = 0;
    }
    inBin.sort((a, b) => logits[b]! - logits[a]! || a - b);
    for (const token of inBin) {
      if (sum >= limit) weights[token] = 0;
      else sum += byMass ? weights[token]! : 1;
    }
  }

  #lowestKept(logits: Float32Array): number {
    const weights = this.#weights;
    let lowest = Number.POSITIVE_INFINITY;
    for (let token = 0; token < logits.length; token++) {
      if (weights[token]! > 0 && logits[token]! < lowest) lowest = logits[token]!;
    }
    return lowest;
  }

  #pick(uniform: number): number | undefined {
    const weights = this.#weights;
    let rest = uniform * this.#total();
    let last: number | undefined;
    for (let token = 0; token < weights.length; token++) {
      const weight = weights[token]!;
      if (weight === 0) continue;
      last = token;
      rest -= weight;
      if (rest < 0) return token;
    }
    return last;
  }
}
