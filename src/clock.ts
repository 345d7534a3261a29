/**
 * Time, in one place. The scheduler reads no clock: whoever turns the crank hands `nowMs` in. Only differences between
 * two readings of the same clock mean anything.
 */
export interface Clock {
  /** Monotonic milliseconds. Every thread of the process reads the same clock. */
  nowMs(): number;
  /** Blocks the calling thread (real time) or jumps ahead (virtual time) by `durationMs`. */
  sleepMs(durationMs: number): void;
}

/** The machine's monotonic clock. `sleepMs` blocks the thread: it is for engine threads, never for the main thread. */
export class SystemClock implements Clock {
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));

  nowMs(): number {
    return Number(process.hrtime.bigint()) / 1e6;
  }

  sleepMs(durationMs: number): void {
    if (durationMs > 0) Atomics.wait(this.#signal, 0, 0, durationMs);
  }
}

/** A clock that moves only when told to: simulations and tests run on it. */
export class VirtualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleepMs(durationMs: number): void {
    if (durationMs > 0) this.#nowMs += durationMs;
  }

  /** Moves forward to `timeMs`; a time in the past leaves the clock where it is. */
  advanceTo(timeMs: number): void {
    if (timeMs > this.#nowMs) this.#nowMs = timeMs;
  }
}
