import type { Precedence } from "./precedence.js";
import type { Sequence } from "./request.js";

/** The waiting sequences, kept by arrival; who of them is next is a matter of precedence. */
export class WaitQueue {
  readonly #precedence: Precedence;
  /** By serial, which is by arrival. */
  readonly #sequences: Sequence[] = [];
  #tokens = 0;

  constructor(precedence: Precedence) {
    this.#precedence = precedence;
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
    insertByArrival(this.#sequences, sequence);
    this.#tokens += sequence.tokens.length;
  }

  remove(sequence: Sequence): void {
    if (!remove(this.#sequences, sequence)) return;
    this.#tokens -= sequence.tokens.length;
  }

  /** Who is next. */
  peek(nowMs: number): Sequence | undefined {
    return this.#precedence.first(this.#sequences, nowMs);
  }
}

/** Keeps a list in the order of arrival. */
export function insertByArrival(sequences: Sequence[], sequence: Sequence): void {
  let index = sequences.length;
  while (index > 0 && sequences[index - 1]!.serial > sequence.serial) index--;
  sequences.splice(index, 0, sequence);
}

/** @returns whether it was there */
export function remove(sequences: Sequence[], sequence: Sequence): boolean {
  const index = sequences.indexOf(sequence);
  if (index >= 0) sequences.splice(index, 1);
  return index >= 0;
}
