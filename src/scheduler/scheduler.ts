/**
 * The scheduler: a pure state machine. It does no I/O, reads no clock and awaits nothing.
 *
 * Requests are submitted and wait in a queue. Whoever turns the crank asks for the `next` thing to do, has the engine run
 * the step, and commits what came out; what became of the requests is taken as events. Tokens computed catch up with
 * tokens known: a prompt, a decode step and the recomputation after a preemption are all rows of pending tokens.
 *
 * Every decision that makes one scheduler differ from another is the policy's (policy.ts) or the order's (order.ts).
 */
import { SluiceError } from "../errors.js";
import { BatchLife } from "./batch.js";
import { countStep, newCounters } from "./counters.js";
import { Deadlines, deadlineError } from "./deadlines.js";
import { BatchEndDelivery, type Delivery, StreamedDelivery } from "./delivery.js";
import type { SchedulerEvent } from "./events.js";
import { type QueueBounds, whyItNeverFits, whyTheQueueIsFull } from "./intake.js";
import type { Order } from "./order.js";
import { planRows } from "./plan.js";
import type { Policy, SchedulerView } from "./policy.js";
import { overdue, type Precedence, precedenceOf } from "./precedence.js";
import { insertByArrival, remove, WaitQueue } from "./queue.js";
import { type Request, Sequence } from "./request.js";
import { LONG_PREFIX_TOKENS, type SharedPrefix, Slots } from "./slots.js";
import type { Sample, Step, StepOutcome } from "./step.js";

/** What the engine can hold. */
export interface SchedulerLimits {
  readonly slots: number;
  /** Tokens that fit into one slot. */
  readonly contextSize: number;
  readonly maxStepTokens: number;
}

export interface SchedulerParts extends SchedulerLimits, QueueBounds {
  readonly policy: Policy;
  readonly order: Order;
  readonly ageAfterMs: number;
  readonly compactSlots: boolean;
}

/** What to do now. */
export type Decision =
  | { readonly kind: "step"; readonly step: Step }
  /** Nothing before `untilMs` unless something arrives. */
  | { readonly kind: "wait"; readonly untilMs: number }
  /** Nothing is there. */
  | { readonly kind: "idle" };

export class Scheduler {
  readonly counters = newCounters();
  readonly #parts: SchedulerParts;
  readonly #policy: Policy;
  readonly #order: Order;
  readonly #precedence: Precedence;
  readonly #queue: WaitQueue;
  readonly #slots: Slots;
  readonly #delivery: Delivery;
  readonly #sequences = new Map<string, Sequence>();
  /** Those that hold a slot and have not ended, by arrival. */
  readonly #running: Sequence[] = [];
  #events: SchedulerEvent[] = [];
  #serial = 0;
  /** Requests up to this serial start without waiting for company. */
  #flushedSerial = -1;
  #draining = false;
  readonly #batch: BatchLife;
  readonly #deadlines = new Deadlines();
  #memoryUsage = 0;

  constructor(parts: SchedulerParts, nowMs: number) {
    this.#parts = parts;
    this.#policy = parts.policy;
    this.#order = parts.order;
    this.#precedence = precedenceOf(parts.order, parts.ageAfterMs);
    this.#queue = new WaitQueue(this.#precedence);
    this.#slots = new Slots(parts.slots);
    const emit = (event: SchedulerEvent) => void this.#events.push(event);
    this.#delivery = parts.policy.delivery === "stream" ? new StreamedDelivery(emit) : new BatchEndDelivery(emit);
    this.#batch = new BatchLife(parts.policy.admitsWhileRunning, this.counters, emit, nowMs);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get waitingTokens(): number {
    return this.#queue.tokens;
  }

  /** Sequences that hold a slot and have not ended. */
  get running(): number {
    return this.#running.length;
  }

  /** No request is queued or running. */
  get empty(): boolean {
    return this.#sequences.size === 0;
  }

  /** KV cells in use ÷ capacity, 0 to 1. */
  get kvUsage(): number {
    let cells = 0;
    for (const sequence of this.#slots.held()) cells += sequence.computed;
    return cells / (this.#parts.slots * this.#parts.contextSize);
  }

  /** What happened since the last call. */
  takeEvents(): SchedulerEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** A request joins the queue, or is refused with a `failed` event that says why. */
  submit(request: Request, nowMs: number): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      this.#events.push({ type: "failed", id: request.id, nowMs, error: refusal.toData() });
      return;
    }
    const sequence = new Sequence(request, this.#serial++, nowMs);
    this.#sequences.set(request.id, sequence);
    this.#deadlines.add(sequence);
    this.#queue.add(sequence);
    this.#order.joined?.(sequence);
    this.counters.submitted++;
  }

  /** Ends a request wherever it is. Its slot is free for the next step. Unknown ids are ignored. */
  cancel(id: string, nowMs: number): void {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) return;
    this.#fail(sequence, new SluiceError("cancelled", "the request was cancelled"), nowMs);
  }

  /** What waits now may start now, whatever the policy waits for. */
  flush(): void {
    this.#flushedSerial = this.#queue.newestSerial;
  }

  /** Refuses new requests and lets the others run to their end. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends everything that is queued or running with this error. */
  abort(error: SluiceError, nowMs: number): void {
    for (const sequence of [...this.#sequences.values()]) this.#fail(sequence, error, nowMs);
  }

  /**
   * What to do now.
   *
   * @throws SluiceError `policy_failed` when the policy's answer cannot be carried out
   */
  next(nowMs: number): Decision {
    for (const late of this.#deadlines.expired(nowMs)) this.#fail(late, deadlineError(late), nowMs);
    this.#endBatchIfDone(nowMs);
    const waitUntilMs = this.#admit(nowMs);
    if (this.running > 0) return { kind: "step", step: this.#plan(nowMs) };
    if (this.#queue.length === 0) return { kind: "idle" };
    return { kind: "wait", untilMs: Math.min(waitUntilMs, this.#deadlines.earliestMs) };
  }

  /** Takes in what a step of `next` produced. */
  commit(step: Step, outcome: StepOutcome, nowMs: number): void {
    this.#count(step, outcome);
    let sampled = 0;
    for (const row of step.rows) {
      const sample = row.sample ? outcome.samples[sampled++] : undefined;
      const { sequence } = row;
      if (sequence.slot !== row.slot) continue; // it ended while the step ran
      sequence.computed += row.count;
      sequence.servedMs = nowMs;
      if (row.padding) {
        sequence.paddingTokens++;
        continue;
      }
      this.#order.served?.(sequence, row.count);
      if (sample === undefined) continue;
      if ("error" in sample) this.#fail(sequence, sample.error, nowMs);
      else this.#accept(sequence, sample, row.last, nowMs);
    }
    this.#endBatchIfDone(nowMs);
  }

  /** The engine could not run the step: its sequences fail, everything else goes on. */
  fail(step: Step, error: SluiceError, nowMs: number): void {
    for (const { sequence, slot, padding } of step.rows) {
      if (sequence.slot !== slot || padding) continue;
      this.#fail(sequence, error, nowMs);
      this.#slots.discard(slot);
    }
    this.#endBatchIfDone(nowMs);
  }

  #refusal(request: Request): SluiceError | undefined {
    if (this.#draining) return new SluiceError("shutting_down", "the scheduler is shutting down and takes no requests");
    if (this.#sequences.has(request.id)) {
      const message = `a request with the id ${request.id} is already there`;
      return new SluiceError("invalid_request", message, { field: "id" });
    }
    return (
      whyItNeverFits(request, this.#parts.contextSize) ??
      whyTheQueueIsFull(this, [request.promptTokens.length], this.#parts)
    );
  }

  /** Starts what the policy lets start. @returns when to ask again if nothing arrives */
  #admit(nowMs: number): number {
    if (this.#queue.length === 0) return Number.POSITIVE_INFINITY;
    const live = this.#running.length;
    if (live > 0 && !this.#policy.admitsWhileRunning) return Number.POSITIVE_INFINITY;
    const answer = this.#policy.mayStart(this.#view(nowMs), nowMs);
    if ("waitUntilMs" in answer) {
      if (answer.waitUntilMs > nowMs) return answer.waitUntilMs;
      throw new SluiceError(
        "policy_failed",
        `the policy waits until ${answer.waitUntilMs}, which has passed (${nowMs})`,
      );
    }
    if (!(answer.start >= (live === 0 ? 1 : 0))) {
      throw new SluiceError("policy_failed", `the policy starts ${answer.start} requests while ${live} run`);
    }
    const room = this.#policy.maxSequences - live;
    const started = this.#start(Math.min(answer.start, room), nowMs);
    this.#batch.began(started, this.#running.length, nowMs);
    return Number.POSITIVE_INFINITY;
  }

  /** Gives slots to waiting sequences: first as many as `most`, then, by preemption, to more urgent ones. */
  #start(most: number, nowMs: number): Sequence[] {
    const started: Sequence[] = [];
    for (let candidate = this.#queue.peek(nowMs); candidate; candidate = this.#queue.peek(nowMs)) {
      const full = started.length >= most || this.#slots.free === 0;
      const victim = full ? this.#victimFor(candidate, started, nowMs) : undefined;
      if (full && victim === undefined) break;
      const prefix = this.#sharedPrefix(candidate);
      if (prefix === "coming") break;
      if (victim !== undefined) this.#preempt(victim, nowMs);
      this.#queue.remove(candidate);
      this.#slots.assign(candidate, prefix);
      candidate.state = "running";
      candidate.servedMs = nowMs;
      insertByArrival(this.#running, candidate);
      started.push(candidate);
    }
    this.#slots.settle(started, this.#policy.reusesPrefixes);
    for (const sequence of started) {
      if (sequence.preemptions === 0) sequence.reusedTokens = sequence.computed;
      this.counters.reusedTokens += sequence.computed;
    }
    return started;
  }

  /**
   * Cells to copy; "coming" when a running sequence is about to have more of them, which is worth the wait. One that is
   * less urgent may be served late itself and is not waited for.
   */
  #sharedPrefix(candidate: Sequence): SharedPrefix | "coming" | undefined {
    if (!this.#policy.reusesPrefixes) return undefined;
    const rank = this.#order.rank(candidate);
    const prefix = this.#slots.longestPrefix(candidate.tokens);
    const coming = this.#slots.comingPrefix(candidate.tokens, (holder) => this.#order.rank(holder) <= rank);
    if (coming >= (prefix?.length ?? 0) + LONG_PREFIX_TOKENS) return "coming";
    this.counters.prefixQueriedTokens += candidate.tokens.length;
    return prefix;
  }

  /** A running sequence that is less urgent, has not aged and may lose its slot. */
  #victimFor(candidate: Sequence, started: readonly Sequence[], nowMs: number): Sequence | undefined {
    if (this.#policy.victim === undefined || !this.#order.preempts) return undefined;
    const rank = this.#order.rank(candidate);
    const candidates = this.#running
      .filter((running) => this.#order.rank(running) > rank && !started.includes(running))
      .filter((running) => !this.#precedence.isAged(running, nowMs))
      .sort((a, b) => this.#order.rank(b) - this.#order.rank(a) || b.serial - a.serial);
    if (candidates.length === 0) return undefined;
    const victim = this.#policy.victim(candidates);
    if (victim === undefined || candidates.includes(victim)) return victim;
    throw new SluiceError("policy_failed", "the policy's victim is not a candidate");
  }

  /** Takes the slot away; the sequence waits again, at the place of its arrival. */
  #preempt(victim: Sequence, nowMs: number): void {
    this.#slots.release(victim);
    remove(this.#running, victim);
    victim.computed = 0;
    victim.state = "waiting";
    victim.preemptions++;
    this.#queue.add(victim);
    this.counters.preemptions++;
    this.#events.push({ type: "preempted", id: victim.id, nowMs });
  }

  #plan(nowMs: number): Step {
    if (this.#parts.compactSlots) this.counters.slotMoves += this.#slots.compact();
    const view = this.#view(nowMs);
    const running = overdue(view.running, nowMs, this.#parts.ageAfterMs);
    const asked = running === view.running ? view : { ...view, running };
    const rows = planRows(this.#policy, asked, this.#slots.held(), this.#parts.contextSize);
    return { slotChanges: this.#slots.takeChanges(), rows };
  }

  #accept(sequence: Sequence, sample: Sample, last: boolean, nowMs: number): void {
    sequence.tokens.push(sample.token);
    this.#delivery.sampled(sequence, sample, nowMs);
    if (!sample.stopped && !last) return;
    this.#delivery.finished(sequence, sample.stopped ? "stop" : "length", nowMs);
    this.counters.finished++;
    this.#end(sequence);
    if (!this.#policy.padToLongest) this.#slots.release(sequence);
  }

  #fail(sequence: Sequence, error: SluiceError, nowMs: number): void {
    if (sequence.state === "waiting") this.#queue.remove(sequence);
    this.#delivery.dropped(sequence);
    if (sequence.slot >= 0) this.#slots.release(sequence);
    this.#end(sequence);
    this.counters.failed++;
    this.#events.push({ type: "failed", id: sequence.id, nowMs, error: error.toData() });
  }

  #end(sequence: Sequence): void {
    if (sequence.state === "running") remove(this.#running, sequence);
    sequence.state = "finished";
    this.#sequences.delete(sequence.id);
    this.#deadlines.remove(sequence);
    this.#order.left?.(sequence);
  }

  #endBatchIfDone(nowMs: number): void {
    if (this.#running.length > 0 || !this.#batch.ended(nowMs)) return;
    for (const padded of this.#slots.held()) this.#slots.release(padded);
    this.#delivery.batchEnded(nowMs);
    this.#policy.batchEnded?.(this.#view(nowMs));
  }

  #count(step: Step, outcome: StepOutcome): void {
    countStep(this.counters, step, outcome);
    this.#batch.stepped(this.#running.length);
    this.#memoryUsage = Math.max(this.kvUsage, outcome.memoryUsage);
  }

  #view(nowMs: number): SchedulerView {
    return {
      waiting: this.#queue.length,
      oldestArrivalMs: this.#queue.oldestArrivalMs,
      newestArrivalMs: this.#queue.newestArrivalMs,
      running: this.#precedence.sorted(this.#running, nowMs),
      slots: this.#parts.slots,
      freeSlots: this.#slots.free,
      maxStepTokens: this.#parts.maxStepTokens,
      idleSinceMs: this.#batch.idleSinceMs,
      flushing: this.#draining || this.#queue.oldestSerial <= this.#flushedSerial,
      memoryUsage: this.#memoryUsage,
    };
  }
}
