import type { FinishedEvent, SchedulerEvent } from "../scheduler/events.js";

/** The times of one request that its metrics are made of (request.ts), on one clock; null: it has none, or not yet. */
export interface RequestTimes {
  /** t_d: the client sent it. */
  readonly dispatchedMs: number;
  /** t_s: it first left the queue. */
  readonly startedMs: number | null;
  /** t_1: its first text came. */
  readonly firstTokenMs: number | null;
  /** t_n: its last token came. */
  readonly lastTokenMs: number | null;
  /** n: tokens generated. */
  readonly outputTokens: number;
  /** From each chunk of text to the next. */
  readonly gapsMs: readonly number[];
}

/** Where a request ran when it first started; null where its target does not tell. */
export interface Placement {
  readonly slot: number | null;
  /** Number of the batch, from 1, and how many sequences it had. */
  readonly batch: number | null;
  readonly batchSize: number | null;
}

const NOWHERE: Placement = { slot: null, batch: null, batchSize: null };

/**
 * One request's life, folded from what is heard of it: the one place that knows what a first token, a chunk, a gap and a
 * last token are. The library, the server with its metrics and dashboard, and the bench read it.
 *
 * A chunk is output with text. Tokens whose text is held back (half of a character, what may become a stop string) are
 * counted and are no chunk: nobody has seen anything yet. So the first token is the first chunk. An answer that ends well
 * without any text shows itself at its end: its first token is its last one.
 */
export class Lifetime implements RequestTimes {
  state: "waiting" | "running" | "finished" | "failed" = "waiting";
  placement: Placement = NOWHERE;
  startedMs: number | null = null;
  firstTokenMs: number | null = null;
  lastTokenMs: number | null = null;
  /** t_e: its end was known, well or badly. */
  endedMs: number | null = null;
  outputTokens = 0;
  readonly gapsMs: number[] = [];
  #lastChunkMs = Number.NaN;

  constructor(readonly dispatchedMs: number) {}

  get ended(): boolean {
    return this.endedMs !== null;
  }

  /** Takes an event in. @param nowMs when it was heard, where that is not when it happened */
  take(event: SchedulerEvent, nowMs = event.nowMs): void {
    if (event.type === "tokens") this.tokens(event.text, event.tokens.length, nowMs);
    else if (event.type === "started") this.started(event, event.nowMs);
    else if (event.type === "preempted") this.state = "waiting";
    else if (event.type === "finished") this.finished(event.completionTokens, nowMs);
    else this.failed(nowMs);
  }

  /** It left the queue. A restart after a preemption moves nothing. */
  started({ slot, batch, batchSize }: Placement, nowMs: number): void {
    this.state = "running";
    if (this.startedMs !== null) return;
    this.startedMs = nowMs;
    this.placement = { slot, batch, batchSize };
  }

  /** @param text "" while what the tokens say is held back */
  tokens(text: string, count: number, nowMs: number): void {
    this.outputTokens += count;
    this.lastTokenMs = nowMs;
    if (text === "") return;
    if (this.firstTokenMs === null) this.firstTokenMs = nowMs;
    else this.gapsMs.push(nowMs - this.#lastChunkMs);
    this.#lastChunkMs = nowMs;
  }

  /** @param outputTokens as whoever generated them counted */
  finished(outputTokens: FinishedEvent["completionTokens"], nowMs: number): void {
    this.state = "finished";
    this.endedMs = nowMs;
    this.outputTokens = outputTokens;
    this.lastTokenMs ??= nowMs;
    this.firstTokenMs ??= this.lastTokenMs;
  }

  failed(nowMs: number): void {
    this.state = "failed";
    this.endedMs = nowMs;
  }
}
