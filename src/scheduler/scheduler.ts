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
import { askToStart } from "./admission.js";
import { BatchLife } from "./batch.js";
import { DenseCells } from "./cells/dense.js";
import { countStep, newCounters } from "./counters.js";
import { Deadlines, deadlineError } from "./deadlines.js";
import { BatchEndDelivery, type Delivery, StreamedDelivery } from "./delivery.js";
import type { SchedulerEvent } from "./events.js";
import { whyItIsRefused } from "./intake.js";
import type { Order } from "./order.js";
import type { SchedulerParts } from "./parts.js";
import { planRows } from "./plan.js";
import type { Policy, SchedulerView } from "./policy.js";
import { overdue, type Precedence, precedenceOf } from "./precedence.js";
import { WaitQueue } from "./queue.js";
import { type Request, Sequence } from "./request.js";
import { Residents } from "./residents.js";
import type { Row, RowOutcome, Sample, Step, StepOutcome } from "./step.js";

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
  readonly #residents: Residents;
  readonly #delivery: Delivery;
  readonly #sequences = new Map<string, Sequence>();
  #events: SchedulerEvent[] = [];
  #serial = 0;
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
    const emit = (event: SchedulerEvent) => void this.#events.push(event);
    const { policy, order, cells = new DenseCells({ ...parts, reusesPrefixes: policy.reusesPrefixes }) } = parts;
    this.#residents = new Residents(cells, policy, order, this.#precedence, this.#queue, this.counters, emit);
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
    return this.#residents.running.length;
  }

  /** No request is queued or running. */
  get empty(): boolean {
    return this.#sequences.size === 0;
  }

  /** KV cells in use ÷ capacity, 0 to 1. */
  get kvUsage(): number {
    return this.#residents.cells.usage;
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
    this.#queue.flush();
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
    if (this.#residents.running.length > 0) return { kind: "step", step: this.#plan(nowMs) };
    if (this.#queue.length === 0) return { kind: "idle" };
    return { kind: "wait", untilMs: Math.min(waitUntilMs, this.#deadlines.earliestMs) };
  }

  /** Takes in what a step of `next` produced. */
  commit(step: Step, outcome: StepOutcome, nowMs: number): void {
    this.#count(step, outcome);
    step.rows.forEach((row, index) => {
      this.#commitRow(row, outcome.rows[index]!, nowMs);
    });
    this.#endBatchIfDone(nowMs);
  }

  #commitRow(row: Row, { samples, computed, error }: RowOutcome, nowMs: number): void {
    const { sequence } = row;
    if (sequence.slot !== row.slot) return; // it ended while the step ran
    sequence.computed += computed;
    sequence.servedMs = nowMs;
    if (row.padding) {
      sequence.paddingTokens++;
      return;
    }
    this.#order.served?.(sequence, computed);
    if (samples.length > 0) this.#accept(row, samples, nowMs);
    if (error !== undefined) this.#fail(sequence, error, nowMs);
  }

  /** The engine could not run the step: its sequences fail, everything else goes on. */
  fail(step: Step, error: SluiceError, nowMs: number): void {
    for (const { sequence, slot, padding } of step.rows) {
      if (sequence.slot !== slot) continue;
      if (padding) this.#residents.stopPadding(sequence);
      else this.#fail(sequence, error, nowMs);
      this.#residents.cells.discard(slot);
    }
    this.#endBatchIfDone(nowMs);
  }

  #refusal(request: Request): SluiceError | undefined {
    if (this.#draining) return new SluiceError("shutting_down", "the scheduler is shutting down and takes no requests");
    return whyItIsRefused(request, this.#sequences, this, this.#parts);
  }

  /** Starts what the policy lets start. @returns when to ask again if nothing arrives */
  #admit(nowMs: number): number {
    if (this.#queue.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#residents.running.length > 0 && !this.#policy.admitsWhileRunning) return Number.POSITIVE_INFINITY;
    const answer = askToStart(this.#policy, this.#view(nowMs), nowMs);
    if ("waitUntilMs" in answer) return answer.waitUntilMs;
    const started = this.#residents.start(answer.start, nowMs);
    this.#batch.began(started, this.#residents.running.length, nowMs);
    return Number.POSITIVE_INFINITY;
  }

  #plan(nowMs: number): Step {
    this.counters.slotMoves += this.#residents.cells.arrange();
    let rows: Row[];
    do {
      const view = this.#view(nowMs);
      const running = overdue(view.running, nowMs, this.#parts.ageAfterMs);
      const asked = running === view.running ? view : { ...view, running };
      rows = planRows(this.#policy, asked, this.#residents.padded, this.#parts.contextSize);
      rows = rows.map((row) => this.#residents.grow(row, nowMs)).filter(({ sequence, slot }) => sequence.slot === slot);
    } while (rows.length === 0);
    return { slotChanges: this.#residents.cells.takeChanges(), rows };
  }

  #accept({ sequence, draft, last }: Row, samples: readonly Sample[], nowMs: number): void {
    for (const { token } of samples) sequence.tokens.push(token);
    this.#delivery.sampled(sequence, samples, nowMs);
    const { stopped } = samples.at(-1)!;
    if (!stopped && !(last && samples.length > draft.length)) return;
    this.#delivery.finished(sequence, stopped ? "stop" : "length", nowMs);
    this.counters.finished++;
    this.#residents.ended(sequence);
    this.#end(sequence);
  }

  #fail(sequence: Sequence, error: SluiceError, nowMs: number): void {
    if (sequence.state === "waiting") this.#queue.remove(sequence);
    else this.#residents.dropped(sequence);
    this.#delivery.dropped(sequence);
    this.#end(sequence);
    this.counters.failed++;
    this.#events.push({ type: "failed", id: sequence.id, nowMs, error: error.toData() });
  }

  #end(sequence: Sequence): void {
    sequence.state = "finished";
    this.#sequences.delete(sequence.id);
    this.#deadlines.remove(sequence);
    this.#order.left?.(sequence);
  }

  #endBatchIfDone(nowMs: number): void {
    if (this.#residents.running.length > 0 || !this.#batch.ended(nowMs)) return;
    for (const padded of [...this.#residents.padded]) this.#residents.stopPadding(padded);
    this.#delivery.batchEnded(nowMs);
    this.#policy.batchEnded?.(this.#view(nowMs));
  }

  #count(step: Step, outcome: StepOutcome): void {
    countStep(this.counters, step, outcome);
    this.#batch.stepped(this.#residents.running.length);
    this.#memoryUsage = Math.max(this.#residents.cells.usage, outcome.memoryUsage);
  }

  #view(nowMs: number): SchedulerView {
    return {
      waiting: this.#queue.length,
      oldestArrivalMs: this.#queue.oldestArrivalMs,
      newestArrivalMs: this.#queue.newestArrivalMs,
      running: this.#precedence.sorted(this.#residents.running, nowMs),
      slots: this.#parts.slots,
      freeSlots: this.#residents.cells.free,
      maxStepTokens: this.#parts.maxStepTokens,
      maxDraftTokens: this.#parts.maxDraftTokens ?? 0,
      idleSinceMs: this.#batch.idleSinceMs,
      flushing: this.#draining || this.#queue.flushing,
      memoryUsage: this.#memoryUsage,
    };
  }
}
