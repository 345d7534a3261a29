import { SluiceError } from "../errors.js";
import type { Sequence } from "./request.js";

/** The sequences that have a deadline, queued or running. Nothing is looked at where none has one. */
export class Deadlines {
  readonly #sequences = new Set<Sequence>();

  add(sequence: Sequence): void {
    if (sequence.request.deadlineMs !== Number.POSITIVE_INFINITY) this.#sequences.add(sequence);
  }

  remove(sequence: Sequence): void {
    this.#sequences.delete(sequence);
  }

  /** Infinity where there is none. */
  get earliestMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { request } of this.#sequences) earliest = Math.min(earliest, request.deadlineMs);
    return earliest;
  }

  /** Those whose time has passed; they stay until they are removed. */
  expired(nowMs: number): Sequence[] {
    return this.#sequences.size === 0 ? [] : [...this.#sequences].filter(({ request }) => request.deadlineMs <= nowMs);
  }
}

/** What a sequence fails with whose deadline has passed. */
export function deadlineError({ state, generated }: Sequence): SluiceError {
  const where = state === "waiting" ? "while it waited" : `after ${generated} tokens`;
  return new SluiceError("deadline_exceeded", `the deadline passed ${where}`);
}
