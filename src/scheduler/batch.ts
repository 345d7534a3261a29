/**
 * The life of a batch: sequences that start together, and, where the policy lets others join while it runs, every step.
 * Batches are numbered from 1.
 */
import { countBatch, type SchedulerCounters } from "./counters.js";
import type { SchedulerEvent } from "./events.js";
import type { Sequence } from "./request.js";

export class BatchLife {
  /** Something was started since the last time that nothing ran. */
  #runs = false;

  /**
   * @param everyStep the policy admits while running: each step counts as a batch
   * @param idleSinceMs since when nothing runs: the end of the last batch, or the start of the scheduler
   */
  constructor(
    private readonly everyStep: boolean,
    private readonly counters: SchedulerCounters,
    private readonly emit: (event: SchedulerEvent) => void,
    public idleSinceMs: number,
  ) {}

  /** These have just got their slots. @param running how many run with them */
  began(started: readonly Sequence[], running: number, nowMs: number): void {
    if (started.length === 0) return;
    this.#runs = true;
    const batch = this.counters.batches + 1;
    for (const sequence of started) {
      if (Number.isNaN(sequence.startedMs)) sequence.startedMs = nowMs;
      sequence.batch = batch;
      sequence.batchSize = running;
      const { id, slot } = sequence;
      this.emit({ type: "started", id, nowMs, slot, batch, batchSize: running });
    }
    if (!this.everyStep) countBatch(this.counters, running);
  }

  /** A step of so many sequences was run. */
  stepped(running: number): void {
    if (this.everyStep) countBatch(this.counters, running);
  }

  /** Nothing runs any more. @returns whether a batch ended with that */
  ended(nowMs: number): boolean {
    if (!this.#runs) return false;
    this.#runs = false;
    this.idleSinceMs = nowMs;
    return true;
  }
}
