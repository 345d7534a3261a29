import type { Precedence } from "./precedence.js";
import type { Sequence } from "./request.js";

/** The waiting sequences, kept by arrival; who of them is next is a matter of precedence. */
export class WaitQueue {
  readonly #precedence: Precedence;
  /** By serial, which is by arrival. */
  readonly #sequences: Sequence[] = [];
  #tokens = 0;
  /** Requests up to this serial start without waiting for company. */
  #flushedSerial = -1;

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

  /** Whether something waits that is to start without waiting for company. */
  get flushing(): boolean {
    return this.#sequences.length > 0 && this.#sequences[0]!.serial <= this.#flushedSerial;
  }

  /** What waits now is to start without waiting for company. */
  flush(): void {
    this.#flushedSerial = this.#sequences.at(-1)?.serial ?? -1;
  }

  add(sequence: Sequence): void {
    insertByArrival(this.#sequences, sequence);
    this.#tokens += sequence.tokens.length;
  }

  /** A preempted sequence comes back to the place of its arrival. It has waited for company before. */
  addPreempted(sequence: Sequence): void {
    this.add(sequence);
    this.#flushedSerial = Math.max(this.#flushedSerial, sequence.serial);
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
