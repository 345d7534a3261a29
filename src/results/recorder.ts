/** Takes a run's requests in one by one: all count into its figures, and as many as fit are kept for charts and readers. */
import type { SchedulerCounters } from "../scheduler/counters.js";
import type { RequestRecord, RunSummary } from "./schema.js";
import type { Objective } from "./slo.js";
import { SummaryDraft } from "./summary.js";

/** How much of its requests a run keeps. */
export interface KeepLimits {
  readonly requests: number;
  /** Characters of prompts and outputs together. */
  readonly characters: number;
}

/** A gap between two chunks, written down. */
const CHARACTERS_PER_GAP = 8;

export class RunRecorder {
  readonly #summary: SummaryDraft;
  #kept: RequestRecord[] = [];
  #characters = 0;
  #every = 1;

  constructor(
    private readonly limits: KeepLimits,
    objectives: readonly Objective[],
  ) {
    this.#summary = new SummaryDraft(objectives);
  }

  add(record: RequestRecord): void {
    this.#summary.add(record);
    if (!this.#keeps(record)) return;
    this.#kept.push(record);
    this.#characters += sizeOf(record);
    while (this.#kept.length > 1 && this.#overflows()) this.#thin();
  }

  /** What is kept: every `requestsEvery`-th request, in the order in which they were meant to be sent. */
  kept(): { requests: RequestRecord[]; requestsEvery: number } {
    return { requests: this.#kept.sort((a, b) => a.seq - b.seq), requestsEvery: this.#every };
  }

  summary(counters: SchedulerCounters | null): RunSummary {
    return this.#summary.toSummary(counters);
  }

  #keeps(record: RequestRecord): boolean {
    return (record.seq - 1) % this.#every === 0;
  }

  #overflows(): boolean {
    return this.#kept.length > this.limits.requests || this.#characters > this.limits.characters;
  }

  #thin(): void {
    this.#every *= 2;
    this.#kept = this.#kept.filter((record) => this.#keeps(record));
    this.#characters = this.#kept.reduce((sum, record) => sum + sizeOf(record), 0);
  }
}

function sizeOf({ prompt, output, gapsMs }: RequestRecord): number {
  return prompt.length + output.length + CHARACTERS_PER_GAP * gapsMs.length;
}
