import type { Order } from "./order.js";
import type { Sequence } from "./request.js";

/** The waiting sequences, kept by arrival; the order chooses among them and ageing bounds how long it may pass one by. */
export class WaitQueue {
  readonly #order: Order;
  readonly #ageAfterMs: number;
  /** By serial, which is by arrival. */
  readonly #sequences: Sequence[] = [];
  #tokens = 0;

  constructor(order: Order, ageAfterMs: number) {
    this.#order = order;
    this.#ageAfterMs = ageAfterMs;
  }

  get length(): number {
    return this.#sequences.length;
  }

  /** Known tokens of everything that waits. */
  get tokens(): number {
    return this.#tokens;
  }

  get oldestArrivalMs(): number {
    return this.#sequences[0]?.arrivalMs ?? Number.NaN;
  }

  get newestArrivalMs(): number {
    return this.#sequences.at(-1)?.arrivalMs ?? Number.NaN;
  }

  get newestSerial(): number {
    return this.#sequences.at(-1)?.serial ?? -1;
  }

  get oldestSerial(): number {
    return this.#sequences[0]?.serial ?? Number.POSITIVE_INFINITY;
  }

  [Symbol.iterator](): Iterator<Sequence> {
    return this.#sequences.values();
  }

  /** A preempted sequence comes back to the place of its arrival. */
  add(sequence: Sequence): void {
    let index = this.#sequences.length;
    while (index > 0 && this.#sequences[index - 1]!.serial > sequence.serial) index--;
    this.#sequences.splice(index, 0, sequence);
    this.#tokens += sequence.tokens.length;
  }

  remove(sequence: Sequence): void {
    const index = this.#sequences.indexOf(sequence);
    if (index < 0) return;
    this.#sequences.splice(index, 1);
    this.#tokens -= sequence.tokens.length;
  }

  /** Who is next. */
  peek(nowMs: number): Sequence | undefined {
    const oldest = this.#sequences[0];
    if (oldest === undefined || this.isAged(oldest, nowMs)) return oldest;
    let best = oldest;
    let bestRank = this.#order.rank(oldest);
    for (const sequence of this.#sequences) {
      const rank = this.#order.rank(sequence);
      if (rank < bestRank) {
        best = sequence;
        bestRank = rank;
      }
    }
    return best;
  }

  /** Whether a sequence has waited long enough to go before everything that arrived later, and to keep its slot. */
  isAged(sequence: Sequence, nowMs: number): boolean {
    return nowMs - sequence.arrivalMs >= this.#ageAfterMs;
  }
}
