import { type ErrorCode, SluiceError } from "../errors.js";
import { Lifetime, type Placement } from "../metrics/lifetime.js";
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

/** Errors that mean: refused before it was queued. */
const REJECTIONS: readonly ErrorCode[] = ["queue_full", "shutting_down"];

/**
 * A request while it is measured. Times go in as readings of one clock; the record counts them from the run's start.
 */
export class RecordDraft {
  readonly id: string;
  #intendedMs = 0;
  #life = new Lifetime(0);
  #output = "";
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
    this.#life = new Lifetime(nowMs);
  }

  get dispatchedMs(): number {
    return this.#life.dispatchedMs;
  }

  /** It left the queue. */
  started(placement: Placement, nowMs: number): void {
    this.#life.started(placement, nowMs);
  }

  /** Output came. */
  tokens(text: string, count: number, nowMs: number): void {
    this.#life.tokens(text, count, nowMs);
    this.#gained(text, count);
  }

  finished(ending: Ending, nowMs: number): void {
    this.#ending = ending;
    this.#life.finished(ending.outputTokens, nowMs);
  }

  failed(error: SluiceError, nowMs: number): void {
    this.#error = error;
    this.#life.failed(nowMs);
  }

  answered(httpStatus: number): void {
    this.#httpStatus = httpStatus;
  }

  get ended(): boolean {
    return this.#life.ended;
  }

  /** Tokens that came so far. */
  get outputTokens(): number {
    return this.#life.outputTokens;
  }

  /** Takes a scheduler event in. @param nowMs when the caller heard of it */
  take(event: SchedulerEvent, nowMs: number): void {
    this.#life.take(event, nowMs);
    if (event.type === "tokens") this.#gained(event.text, event.tokens.length);
    else if (event.type === "failed") this.#error = SluiceError.fromData(event.error);
    else if (event.type === "finished") {
      const { reason, promptTokens, completionTokens, preemptions, reusedTokens, paddingTokens } = event;
      this.#extra = { preemptions, reusedTokens, paddingTokens };
      this.#ending = {
        reason,
        inputTokens: promptTokens,
        outputTokens: completionTokens,
        tokenCountSource: "engine",
      };
    }
  }

  #gained(text: string, tokens: number): void {
    this.#output += text;
    this.onTokens(tokens);
  }

  /** @throws SluiceError `internal` before the request has ended */
  toRecord(): RequestRecord {
    const { endedMs, dispatchedMs, startedMs, firstTokenMs, lastTokenMs, gapsMs, outputTokens, placement } = this.#life;
    if (endedMs === null) throw new SluiceError("internal", `${this.id} was recorded before it ended`);
    const since = (timeMs: number): number => round(timeMs - this.originMs);
    const sinceOrNull = (timeMs: number | null): number | null => (timeMs === null ? null : since(timeMs));
    return {
      seq: this.planned.seq,
      id: this.id,
      status: this.#error ? statusOf(this.#error) : "ok",
      errorCode: this.#error?.code ?? null,
      error: this.#error?.message ?? null,
      httpStatus: this.#httpStatus,
      finishReason: this.#ending?.reason ?? null,
      ...placement,
      priority: this.planned.priority ?? 0,
      user: this.planned.user ?? "",
      timeoutMs: this.planned.timeoutMs ?? null,
      prompt: this.planned.prompt,
      output: this.#output,
      inputTokens: this.#ending?.inputTokens ?? 0,
      outputTokens,
      tokenCountSource: this.#ending?.tokenCountSource ?? "counted",
      intendedMs: since(this.#intendedMs),
      dispatchedMs: since(dispatchedMs),
      startedMs: sinceOrNull(startedMs),
      firstTokenMs: sinceOrNull(firstTokenMs),
      lastTokenMs: sinceOrNull(lastTokenMs),
      endedMs: since(endedMs),
      gapsMs: gapsMs.map(round),
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
