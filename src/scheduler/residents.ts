/**
 * Who holds cells: the sequences that run, and in a padded batch those that have ended. How they come to hold them, and how
 * they lose them again: to the end, to a more urgent request, or because not everybody's next tokens fit.
 */
import { victimFor } from "./admission.js";
import type { Cells } from "./cells/cells.js";
import type { SchedulerCounters } from "./counters.js";
import type { SchedulerEvent } from "./events.js";
import type { Order } from "./order.js";
import { withoutDraft } from "./plan.js";
import type { Policy } from "./policy.js";
import type { Precedence } from "./precedence.js";
import { insertByArrival, remove, type WaitQueue } from "./queue.js";
import type { Sequence } from "./request.js";
import type { Row } from "./step.js";

export class Residents {
  /** Those that have not ended, by arrival. */
  readonly running: Sequence[] = [];
  /** Those that have ended and are computed on for the longest of their batch. */
  readonly padded: Sequence[] = [];

  constructor(
    readonly cells: Cells,
    private readonly policy: Policy,
    private readonly order: Order,
    private readonly precedence: Precedence,
    private readonly queue: WaitQueue,
    private readonly counters: SchedulerCounters,
    private readonly emit: (event: SchedulerEvent) => void,
  ) {}

  /** Starts waiting sequences: first as many as `most`, then, by preemption, more urgent ones. */
  start(most: number, nowMs: number): Sequence[] {
    const started: Sequence[] = [];
    let left = most;
    for (let candidate = this.queue.peek(nowMs); candidate; candidate = this.queue.peek(nowMs)) {
      const full = left <= 0 || !this.cells.canStart(candidate);
      const victim = full ? this.#victimFor(candidate, started, nowMs) : undefined;
      if ((full && victim === undefined) || this.#isPrefixComing(candidate)) break;
      if (victim === undefined) {
        this.#begin(candidate, nowMs);
        started.push(candidate);
        left--;
      } else {
        this.#preempt(victim, nowMs);
        left++;
      }
    }
    this.cells.settle();
    for (const sequence of started) {
      if (sequence.preemptions === 0) sequence.reusedTokens = sequence.computed;
      this.counters.reusedTokens += sequence.computed;
    }
    return started;
  }

  #begin(sequence: Sequence, nowMs: number): void {
    this.queue.remove(sequence);
    this.cells.start(sequence);
    sequence.state = "running";
    sequence.servedMs = nowMs;
    insertByArrival(this.running, sequence);
    if (this.policy.reusesPrefixes) this.counters.prefixQueriedTokens += sequence.tokens.length;
  }

  /** One that is less urgent may be served late itself and is not waited for. */
  #isPrefixComing(candidate: Sequence): boolean {
    const rank = this.order.rank(candidate);
    return this.cells.isPrefixComing(candidate, (holder) => this.order.rank(holder) <= rank);
  }

  /** Whoever has just started or has aged keeps its cells. */
  #victimFor(candidate: Sequence, started: readonly Sequence[], nowMs: number): Sequence | undefined {
    if (!this.order.preempts) return undefined;
    const mayLose = this.running.filter((it) => !started.includes(it) && !this.precedence.isAged(it, nowMs));
    return victimFor(candidate, mayLose, this.policy, this.order);
  }

  /** Takes the cells away; the sequence waits again, at the place of its arrival, and for no company. */
  #preempt(victim: Sequence, nowMs: number): void {
    this.cells.release(victim);
    remove(this.running, victim);
    victim.computed = 0;
    victim.state = "waiting";
    victim.preemptions++;
    this.queue.addPreempted(victim);
    this.counters.preemptions++;
    this.emit({ type: "preempted", id: victim.id, nowMs });
  }

  /**
   * Room for a row's cells. Where there is none, its draft goes first, then padding ends, and then whoever comes last is
   * preempted, itself perhaps. @returns the row as it fits
   */
  grow(row: Row, nowMs: number): Row {
    const { sequence, slot, start, count, draft } = row;
    if (draft.length > 0 && this.cells.grow(sequence, start + count + draft.length)) return row;
    while (sequence.slot === slot && !this.cells.grow(sequence, start + count)) {
      const padded = this.padded.at(-1);
      if (padded !== undefined) this.stopPadding(padded);
      else this.#preempt(this.precedence.sorted(this.running, nowMs).at(-1)!, nowMs);
    }
    return draft.length > 0 ? withoutDraft(row) : row;
  }

  /** A sequence ended; where its batch is padded it is computed on. */
  ended(sequence: Sequence): void {
    remove(this.running, sequence);
    if (this.policy.padToLongest) this.padded.push(sequence);
    else this.cells.release(sequence);
  }

  /** A sequence failed. */
  dropped(sequence: Sequence): void {
    remove(this.running, sequence);
    this.cells.release(sequence);
  }

  stopPadding(sequence: Sequence): void {
    remove(this.padded, sequence);
    this.cells.release(sequence);
  }
}
