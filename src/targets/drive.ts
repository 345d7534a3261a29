/** Drives a target in real time: closed loop, or open loop with times of its own. */
import type { Clock } from "../clock.js";
import type { RequestRecord } from "../results/schema.js";
import type { PlannedRequest } from "../workload/workload.js";
import { RecordDraft } from "./draft.js";
import type { Target } from "./target.js";

/** What a run tells while it goes on. */
export interface LoadObserver {
  tokens(count: number): void;
  /** A request ended, well or badly; the run itself keeps nothing of it. */
  ended(record: RequestRecord): void;
}

/** For a warm-up. */
export const SILENT: LoadObserver = { tokens() {}, ended() {} };

export interface LoadOptions {
  readonly clock: Clock;
  /** Requests under way at the same time; Infinity in an open loop that nothing holds back. */
  readonly maxConcurrent: number;
  /** Ends the run: nothing new is sent, what is under way is cancelled. */
  readonly signal: AbortSignal;
  readonly observer: LoadObserver;
}

/**
 * Sends every request of the plan at its time, as soon as fewer than `maxConcurrent` are under way; requests without a
 * time are sent at once. What a late client adds shows as `dispatchedMs − intendedMs`.
 * The observer is told of each that was sent.
 */
export async function drive(
  target: Target,
  plan: Iterable<PlannedRequest>,
  { clock, maxConcurrent, signal, observer }: LoadOptions,
): Promise<void> {
  const originMs = clock.nowMs();
  const permits = new Permits(maxConcurrent);
  const underWay = new Set<Promise<void>>();
  const send = async (draft: RecordDraft): Promise<void> => {
    await target.send(draft, signal);
    permits.release();
    observer.ended(draft.toRecord());
  };
  for (const planned of plan) {
    if (planned.atMs !== undefined) await sleepUntil(originMs + planned.atMs, clock, signal);
    await permits.acquire();
    if (signal.aborted) break;
    const draft = new RecordDraft(planned, originMs, (count) => observer.tokens(count));
    const nowMs = clock.nowMs();
    draft.dispatched(planned.atMs === undefined ? nowMs : originMs + planned.atMs, nowMs);
    const sending: Promise<void> = send(draft).finally(() => underWay.delete(sending));
    underWay.add(sending);
  }
  target.flush();
  await Promise.all(underWay);
}

/** A counting semaphore: first come, first served. */
class Permits {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async acquire(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.free++;
  }
}

/** Timers may fire up to a millisecond early. */
async function sleepUntil(timeMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let leftMs = timeMs - clock.nowMs(); leftMs > 0 && !signal.aborted; leftMs = timeMs - clock.nowMs()) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.ceil(leftMs));
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
