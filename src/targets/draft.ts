import { type ErrorCode, SluiceError } from "../errors.js";
import type { RequestRecord } from "../results/schema.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { FinishReason } from "../scheduler/request.js";
import type { PlannedRequest } from "../workload/workload.js";

/** What a target may tell at the end of a request. */
export interface Ending {
  readonly reason: FinishReason | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tokenCountSource: RequestRecord["tokenCountSource"];
}

/** Where a request ran, as far as the target tells. */
export interface Placement {
  readonly slot: number | null;
  readonly batch: number | null;
  readonly batchSize: number | null;
}

/** Errors that mean: refused before it was queued. */
const REJECTIONS: readonly ErrorCode[] = ["queue_full", "shutting_down"];

/**
 * A request while it is measured. Times go in as readings of one clock; the record counts them from the run's start.
 */
export class RecordDraft {
  readonly id: string;
  #intendedMs = 0;
  #dispatchedMs = 0;
  #startedMs: number | null = null;
  #endedMs: number | null = null;
  #lastTokenMs: number | null = null;
  #placement: Placement = { slot: null, batch: null, batchSize: null };
  #firstChunkMs: number | null = null;
  #lastChunkMs = 0;
  readonly #gapsMs: number[] = [];
  #chunks = 0;
  #output = "";
  #tokens = 0;
  #ending: Ending | undefined;
  #error: SluiceError | undefined;
  #httpStatus: number | null = null;
  #extra = { preemptions: 0, reusedTokens: 0, paddingTokens: 0 };

  /**
   * @param originMs the run's start on the clock
   * @param onTokens told about every piece of output, for progress
   */
  constructor(
    readonly planned: PlannedRequest,
    private readonly originMs: number,
    private readonly onTokens: (tokens: number) => void = () => {},
  ) {
    this.id = `r${planned.seq}`;
  }

  dispatched(intendedMs: number, nowMs: number): void {
    this.#intendedMs = intendedMs;
    this.#dispatchedMs = nowMs;
  }

  get dispatchedMs(): number {
    return this.#dispatchedMs;
  }

  /** It left the queue. Only the first time counts: a preempted request comes back here. */
  started(placement: Placement, nowMs: number): void {
    this.#startedMs ??= nowMs;
    if (this.#placement.batch === null) this.#placement = placement;
  }

  /** Output came. A piece without text (half a character) counts tokens and is no chunk that a reader would see. */
  chunk(text: string, tokens: number, nowMs: number): void {
    this.#tokens += tokens;
    this.#lastTokenMs = nowMs;
    if (text !== "") {
      if (this.#firstChunkMs === null) this.#firstChunkMs = nowMs;
      else this.#gapsMs.push(round(nowMs - this.#lastChunkMs));
      this.#lastChunkMs = nowMs;
      this.#chunks++;
      this.#output += text;
    }
    this.onTokens(tokens);
  }

  finished(ending: Ending, nowMs: number): void {
    this.#ending = ending;
    this.#endedMs = nowMs;
  }

  failed(error: SluiceError, nowMs: number): void {
    this.#error = error;
    this.#endedMs = nowMs;
  }

  answered(httpStatus: number): void {
    this.#httpStatus = httpStatus;
  }

  get ended(): boolean {
    return this.#endedMs !== null;
  }

  /** Chunks of output so far. */
  get chunks(): number {
    return this.#chunks;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Takes a scheduler event in. @param nowMs when the caller heard of it */
  take(event: SchedulerEvent, nowMs: number): void {
    switch (event.type) {
      case "started":
        this.started({ slot: event.slot, batch: event.batch, batchSize: event.batchSize }, event.nowMs);
        return;
      case "tokens":
        this.chunk(event.text, event.tokens.length, nowMs);
        return;
      case "preempted":
        return;
      case "finished":
        this.#extra = {
          preemptions: event.preemptions,
          reusedTokens: event.reusedTokens,
          paddingTokens: event.paddingTokens,
        };
        this.finished(
          {
            reason: event.reason,
            inputTokens: event.promptTokens,
            outputTokens: event.completionTokens,
            tokenCountSource: "engine",
          },
          nowMs,
        );
        return;
      case "failed":
        this.failed(SluiceError.fromData(event.error), nowMs);
    }
  }

  /** @throws SluiceError `internal` before the request has ended */
  toRecord(): RequestRecord {
    if (this.#endedMs === null) throw new SluiceError("internal", `${this.id} was recorded before it ended`);
    const since = (timeMs: number | null): number | null => (timeMs === null ? null : round(timeMs - this.originMs));
    const first = this.#firstChunkMs ?? this.#lastTokenMs;
    return {
      seq: this.planned.seq,
      id: this.id,
      status: this.#error ? statusOf(this.#error) : "ok",
      errorCode: this.#error?.code ?? null,
      error: this.#error?.message ?? null,
      httpStatus: this.#httpStatus,
      finishReason: this.#ending?.reason ?? null,
      ...this.#placement,
      prompt: this.planned.prompt,
      output: this.#output,
      inputTokens: this.#ending?.inputTokens ?? 0,
      outputTokens: this.#ending?.outputTokens ?? this.#tokens,
      tokenCountSource: this.#ending?.tokenCountSource ?? "counted",
      intendedMs: since(this.#intendedMs) ?? 0,
      dispatchedMs: since(this.#dispatchedMs) ?? 0,
      startedMs: since(this.#startedMs),
      firstTokenMs: since(first),
      lastTokenMs: since(this.#lastTokenMs),
      endedMs: round(this.#endedMs - this.originMs),
      gapsMs: this.#gapsMs,
      ...this.#extra,
    };
  }
}

function statusOf(error: SluiceError): RequestRecord["status"] {
  if (error.code === "cancelled") return "cancelled";
  return REJECTIONS.includes(error.code) ? "rejected" : "failed";
}

/** To a microsecond: finer digits are noise and double the file. */
function round(ms: number): number {
  return Math.round(ms * 1e3) / 1e3;
}
