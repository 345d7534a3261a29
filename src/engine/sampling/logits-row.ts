import { BLOCK, type BlockMaxKernel, createBlockMaxKernel } from "./block-max-wasm.js";
import type { Candidates } from "./candidates.js";
import { kthLargest } from "./kth-largest.js";

/**
 * One row of logits in memory of its own, where it can be changed (penalties, masks) and searched quickly.
 *
 * The search reads the row once, with SIMD, for the largest logit of every block. The k-th largest of those is a lower
 * bound of the k-th largest logit (k blocks hold at least one each), so that only the few blocks that reach it are
 * looked at again.
 */
export class LogitsRow {
  /** The logits, one per token of the vocabulary. */
  readonly values: Float32Array;
  readonly #maxima: Float32Array;
  readonly #kernel: BlockMaxKernel | null;
  readonly #padded: Float32Array;
  readonly #ranked: Float32Array;

  /** @param kernel null: plain JavaScript, ten times slower; for processors without WebAssembly SIMD */
  constructor(vocabularySize: number, kernel: BlockMaxKernel | null = createBlockMaxKernel(bytesFor(vocabularySize))) {
    const blocks = Math.ceil(vocabularySize / BLOCK);
    const buffer = kernel === null ? new ArrayBuffer(bytesFor(vocabularySize)) : kernel.memory.buffer;
    this.#kernel = kernel;
    this.#padded = new Float32Array(buffer, 0, blocks * BLOCK).fill(Number.NEGATIVE_INFINITY);
    this.#maxima = new Float32Array(buffer, 4 * blocks * BLOCK, blocks);
    this.values = this.#padded.subarray(0, vocabularySize);
    this.#ranked = new Float32Array(blocks);
  }

  /** Copies a row in. */
  load(row: Float32Array): void {
    this.values.set(row);
  }

  /** The token with the largest logit, the lowest id among equals; −1 when no logit is above −∞. */
  argmax(): number {
    this.#findMaxima();
    const maxima = this.#maxima;
    let best = -1;
    let largest = Number.NEGATIVE_INFINITY;
    for (let block = 0; block < maxima.length; block++) {
      if (maxima[block]! > largest) {
        largest = maxima[block]!;
        best = block;
      }
    }
    return best < 0 ? -1 : this.#padded.indexOf(largest, best * BLOCK);
  }

  /**
   * Fills `into` with the `k` tokens of the largest logits; fewer when fewer are above −∞.
   * @param k at most {@link MAX_TOP} and the capacity of `into`
   */
  top(k: number, into: Candidates): void {
    this.#findMaxima();
    into.count = 0;
    const values = this.#padded;
    const maxima = this.#maxima;
    // −∞ is below every bound: masked tokens are never kept.
    let bound = Math.max(this.#lowerBound(k), -Number.MAX_VALUE);
    for (let block = 0; block < maxima.length; block++) {
      if (!(maxima[block]! >= bound)) continue;
      const end = (block + 1) * BLOCK;
      for (let token = block * BLOCK; token < end; token++) {
        const logit = values[token]!;
        if (logit >= bound) bound = keep(token, logit, k, into, bound);
      }
    }
  }

  /** The k-th largest block maximum; −∞ when there are fewer blocks. */
  #lowerBound(k: number): number {
    if (k > this.#maxima.length) return Number.NEGATIVE_INFINITY;
    this.#ranked.set(this.#maxima);
    return kthLargest(this.#ranked, k);
  }

  #findMaxima(): void {
    if (this.#kernel === null) findMaxima(this.#padded, this.#maxima);
    else this.#kernel.blockMax(0, this.#padded.byteLength, this.#maxima.byteOffset);
  }
}

/** @returns the bound for the tokens to come: when `k` are kept, the smallest of them */
function keep(token: number, logit: number, k: number, into: Candidates, bound: number): number {
  if (into.count === k && logit === bound) return bound; // the lower ids among equals are there already
  into.insert(token, logit, k);
  return into.count === k ? into.logits[k - 1]! : bound;
}

/** The most tokens that {@link LogitsRow.top} looks for: beyond, keeping them sorted costs more than sorting. */
export const MAX_TOP = 256;

function bytesFor(vocabularySize: number): number {
  return 4 * Math.ceil(vocabularySize / BLOCK) * (BLOCK + 1);
}

function findMaxima(values: Float32Array, maxima: Float32Array): void {
  for (let block = 0; block < maxima.length; block++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at++) {
      if (values[at]! > largest) largest = values[at]!;
    }
    maxima[block] = largest;
  }
}
