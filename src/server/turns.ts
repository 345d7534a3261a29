/** How long requests may be read, checked and tokenized before the event loop gets to everything else. */
const SLICE_MS = 8;

/**
 * The main thread in small slices. A burst of requests would otherwise be parsed, checked and tokenized in one go, while
 * tokens of running requests, probes and signals wait. Whoever is about to do such work awaits its turn: first come,
 * first served, and the loop goes round between two slices.
 */
export class Turns {
  #sliceEndsMs = Number.NEGATIVE_INFINITY;

  /** Resolves when there is time. What follows must be short: it runs to its next `await` in any case. */
  async next(): Promise<void> {
    do await endOfTurn();
    while (!this.#hasTime());
  }

  #hasTime(): boolean {
    const nowMs = performance.now();
    if (this.#sliceEndsMs === Number.NEGATIVE_INFINITY) {
      this.#sliceEndsMs = nowMs + SLICE_MS;
      // First in line for the loop's next round.
      setImmediate(() => {
        this.#sliceEndsMs = Number.NEGATIVE_INFINITY;
      });
    }
    return nowMs < this.#sliceEndsMs;
  }
}

/** Immediates of one round run one after another, each with all that its promises set off. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
