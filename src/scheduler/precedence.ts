/**
 * Who comes first, of those that wait for a slot and of those that run and share a step's tokens: whoever has aged, by
 * arrival; then by the order's rank; then by arrival.
 *
 * Rank alone would let a running sequence starve: others that come before it can take every token of every step. So each
 * has its turn: the bound is that between two rows of a running sequence no more than `ageAfterMs` passes, and then one
 * step for each sequence that runs. It holds whatever the order and the policy are (`overdue`).
 */
import type { Order } from "./order.js";
import type { Sequence } from "./request.js";

export interface Precedence {
  /** Whether a sequence arrived long enough ago to go before everything that has not, and to keep its slot. */
  isAged(sequence: Sequence, nowMs: number): boolean;
  /** The first of them. @param sequences by arrival */
  first(sequences: readonly Sequence[], nowMs: number): Sequence | undefined;
  /** All of them, the first first. @param sequences by arrival */
  sorted(sequences: readonly Sequence[], nowMs: number): readonly Sequence[];
}

/** @param ageAfterMs from its arrival until a sequence has aged */
export function precedenceOf(order: Order, ageAfterMs: number): Precedence {
  const isAged = (sequence: Sequence, nowMs: number) => nowMs - sequence.arrivalMs >= ageAfterMs;
  const key = (sequence: Sequence, nowMs: number) =>
    isAged(sequence, nowMs) ? Number.NEGATIVE_INFINITY : order.rank(sequence);
  return {
    isAged,
    first(sequences, nowMs) {
      const oldest = sequences[0];
      if (oldest === undefined || isAged(oldest, nowMs)) return oldest;
      let best = oldest;
      let bestKey = key(oldest, nowMs);
      for (const sequence of sequences) {
        const own = key(sequence, nowMs);
        if (own < bestKey) {
          best = sequence;
          bestKey = own;
        }
      }
      return best;
    },
    sorted(sequences, nowMs) {
      // By arrival they are in order already where all ranks are equal, as under fcfs.
      if (isSorted(sequences, nowMs)) return sequences;
      const keys = sequences.map((sequence) => key(sequence, nowMs));
      const places = Array.from(keys.keys());
      places.sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a]! - keys[b]!));
      return places.map((place) => sequences[place]!);
    },
  };

  function isSorted(sequences: readonly Sequence[], nowMs: number): boolean {
    let before = Number.NEGATIVE_INFINITY;
    for (const sequence of sequences) {
      const own = key(sequence, nowMs);
      if (own < before) return false;
      before = own;
    }
    return true;
  }
}

/**
 * Whose turn it is when somebody has had no row for `ageAfterMs`: those that have waited longest, and nobody else. A policy
 * that is asked about them alone has to serve one of them, whichever it prefers. While nobody is overdue, all.
 */
export function overdue(running: readonly Sequence[], nowMs: number, ageAfterMs: number): readonly Sequence[] {
  let longestAgoMs = Number.POSITIVE_INFINITY;
  for (const { servedMs } of running) if (servedMs < longestAgoMs) longestAgoMs = servedMs;
  if (nowMs - longestAgoMs < ageAfterMs) return running;
  return running.filter(({ servedMs }) => servedMs === longestAgoMs);
}
