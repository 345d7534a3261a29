import { SluiceError } from "../errors.js";
import { type Backlog, type QueueBounds, whyTheQueueIsFull } from "../scheduler/intake.js";

const RATE_WINDOW_MS = 10_000;
const MAX_RETRY_S = 300;

/**
 * The door in front of the queue: refuses when it is full, before any work is done on the request, and says when to
 * come back.
 *
 * The time is computed from the drain rate, the requests per second that lately left the queue. Refused clients are
 * given places in an imagined line behind the queue, one drain interval apart, so that those who wait as told do not
 * all return at once.
 */
export class Admission {
  readonly #queue: Backlog;
  readonly #bounds: QueueBounds;
  readonly #startsMs: number[] = [];
  #lastPlaceMs = Number.NEGATIVE_INFINITY;
  #draining = false;

  /** @param queue what waits, as far as the main thread has heard: an engine host is one */
  constructor(queue: Backlog, bounds: QueueBounds) {
    this.#queue = queue;
    this.#bounds = bounds;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** From now on everything is refused with `shutting_down`. */
  drain(): void {
    this.#draining = true;
  }

  /** A request left the queue. */
  started(nowMs: number): void {
    this.#startsMs.push(nowMs);
    if (this.#startsMs.length > 2048) this.#startsMs.splice(0, 1024);
  }

  /**
   * Whether these requests may join the queue. Asked before their prompts are tokenized, with a token each, and after.
   *
   * @param promptTokens of each
   * @throws SluiceError `shutting_down`, `queue_full`, or `invalid_request` for more at once than could ever wait
   */
  check(promptTokens: readonly number[], nowMs: number): void {
    if (this.#draining) {
      throw new SluiceError("shutting_down", "The server is shutting down and takes no new requests.", {
        retryAfterS: 1,
      });
    }
    const requests = promptTokens.length;
    const { maxNumQueuedReqs } = this.#bounds;
    if (requests > maxNumQueuedReqs) {
      throw new SluiceError("invalid_request", `${requests} answers at once; the queue holds ${maxNumQueuedReqs}.`, {
        field: "n",
      });
    }
    if (whyTheQueueIsFull(this.#queue, promptTokens, this.#bounds) !== undefined) throw this.#full(requests, nowMs);
  }

  /** Requests per second that left the queue lately; 0 when none did. */
  drainRatePerSec(nowMs: number): number {
    const sinceMs = nowMs - RATE_WINDOW_MS;
    while (this.#startsMs.length > 0 && this.#startsMs[0]! < sinceMs) this.#startsMs.shift();
    const oldestMs = this.#startsMs[0];
    if (oldestMs === undefined) return 0;
    return this.#startsMs.length / (Math.max(1000, nowMs - oldestMs) / 1000);
  }

  #full(requests: number, nowMs: number): SluiceError {
    const { waiting, waitingTokens } = this.#queue;
    const retryAfterS = this.#retryAfterS(requests, nowMs);
    const message = `${waiting} requests (${waitingTokens} prompt tokens) wait already; retry after ${retryAfterS} s.`;
    return new SluiceError("queue_full", message, { retryAfterS });
  }

  #retryAfterS(requests: number, nowMs: number): number {
    const ratePerSec = this.drainRatePerSec(nowMs);
    if (ratePerSec === 0) return 1;
    const halfDrainedMs = nowMs + (this.#queue.waiting / 2 / ratePerSec) * 1000;
    const place = Math.max(halfDrainedMs, this.#lastPlaceMs) + (requests / ratePerSec) * 1000;
    this.#lastPlaceMs = Math.min(place, nowMs + MAX_RETRY_S * 1000);
    return Math.max(1, Math.ceil((this.#lastPlaceMs - nowMs) / 1000));
  }
}
