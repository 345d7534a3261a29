/** The same run in virtual time: the scheduler's own crank on a cost-model engine, millions of steps in seconds. */
import type { VirtualClock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { SluiceError } from "../errors.js";
import { type Outside, turn } from "../scheduler/crank.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import type { PlannedRequest } from "../workload/workload.js";
import { RecordDraft } from "./draft.js";
import type { LoadObserver } from "./drive.js";
import { requestOf, type Sampling } from "./target.js";

export interface SimulationOptions {
  readonly clock: VirtualClock;
  readonly maxConcurrent: number;
  readonly sampling: Sampling;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly observer: LoadObserver;
}

/** Turns between two looks at the outside world (Ctrl-C, a progress bar). */
const TURNS_AT_A_STRETCH = 2_000;

/**
 * Runs a plan through a scheduler that is new. The observer is told of each request that was sent.
 *
 * @throws SluiceError `policy_failed` when requests wait for something that never comes
 */
export async function simulate(
  scheduler: Scheduler,
  engine: Engine,
  plan: Iterable<PlannedRequest>,
  options: SimulationOptions,
): Promise<void> {
  const load = new SimulatedLoad(plan, engine, options);
  for (let turns = 1; turn(scheduler, engine, options.clock, load); turns++) {
    if (turns % TURNS_AT_A_STRETCH !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal.aborted) {
      scheduler.abort(new SluiceError("cancelled", "the run was interrupted"), options.clock.nowMs());
      load.stop();
    }
  }
}

class SimulatedLoad implements Outside {
  readonly #drafts = new Map<string, RecordDraft>();
  readonly #originMs: number;
  readonly #plan: Iterator<PlannedRequest>;
  /** The one that is sent next; undefined: all were sent. */
  #next: PlannedRequest | undefined;
  #stopped = false;
  /** When the client last stopped being held back by its own `maxConcurrent`. */
  #freedMs: number;

  constructor(
    plan: Iterable<PlannedRequest>,
    private readonly engine: Engine,
    private readonly options: SimulationOptions,
  ) {
    this.#plan = plan[Symbol.iterator]();
    this.#advance();
    this.#originMs = options.clock.nowMs();
    this.#freedMs = this.#originMs;
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#stopped = true;
  }

  deliver(scheduler: Scheduler, nowMs: number): void {
    for (let planned = this.#due(nowMs); planned; planned = this.#due(nowMs)) {
      this.#advance();
      const draft = new RecordDraft(planned, this.#originMs, (count) => this.options.observer.tokens(count));
      // A step blocks the virtual world, not its clients: what came meanwhile was sent when it came.
      const freedMs = this.#freedMs;
      const intendedMs = planned.atMs === undefined ? freedMs : this.#originMs + planned.atMs;
      draft.dispatched(intendedMs, Math.max(intendedMs, freedMs));
      this.#drafts.set(draft.id, draft);
      const tokens = this.engine.tokenize(planned.prompt, true);
      const { sampling, seed } = this.options;
      scheduler.submit(requestOf(planned, draft.id, tokens, sampling, seed, nowMs), draft.dispatchedMs);
      if (this.#next === undefined) scheduler.flush();
    }
  }

  publish(events: readonly SchedulerEvent[]): void {
    for (const event of events) {
      const draft = this.#drafts.get(event.id);
      if (!draft) continue;
      draft.take(event, event.nowMs);
      if (!draft.ended) continue;
      if (this.#full()) this.#freedMs = event.nowMs;
      this.#drafts.delete(event.id);
      this.options.observer.ended(draft.toRecord());
    }
  }

  wait(untilMs: number): boolean {
    if (this.#drafts.size === 0 && (this.#stopped || this.#next === undefined)) return false;
    const nextMs = Math.min(untilMs, this.#nextArrivalMs());
    if (nextMs === Number.POSITIVE_INFINITY) {
      throw new SluiceError("policy_failed", `${this.#drafts.size} requests wait, and nothing will ever start them`);
    }
    this.options.clock.advanceTo(nextMs);
    return true;
  }

  #advance(): void {
    const { done, value } = this.#plan.next();
    this.#next = done ? undefined : value;
  }

  #due(nowMs: number): PlannedRequest | undefined {
    if (this.#stopped || this.#full()) return undefined;
    const planned = this.#next;
    return planned && this.#originMs + (planned.atMs ?? 0) <= nowMs ? planned : undefined;
  }

  #nextArrivalMs(): number {
    const planned = this.#next;
    if (this.#stopped || !planned || this.#full()) return Number.POSITIVE_INFINITY;
    return this.#originMs + (planned.atMs ?? 0);
  }

  #full(): boolean {
    return this.#drafts.size >= this.options.maxConcurrent;
  }
}
