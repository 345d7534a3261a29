import type { ErrorCode } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import type { FailedEvent, FinishedEvent, SchedulerEvent } from "../scheduler/events.js";
import type { FinishReason, Request } from "../scheduler/request.js";

/** What the server knows of one request: times on the shared monotonic clock, NaN while they lie ahead. */
export interface Trace {
  readonly id: string;
  readonly endpoint: string;
  readonly promptTokens: number;
  readonly maxTokens: number;
  readonly arrivalMs: number;
  state: "waiting" | "running" | "ended";
  slot: number;
  batch: number;
  batchSize: number;
  /** First start; a restart after a preemption does not move it. */
  startedMs: number;
  firstTokenMs: number;
  lastTokenMs: number;
  endedMs: number;
  completionTokens: number;
  outcome: FinishReason | ErrorCode | undefined;
}

/** Hears of every request that the server hands to the engine host. */
export interface TrafficObserver {
  submitted?(trace: Trace): void;
  started?(trace: Trace, nowMs: number): void;
  /** `gapMs`: since the request's previous tokens; NaN for the first. */
  tokens?(trace: Trace, count: number, gapMs: number): void;
  preempted?(trace: Trace, nowMs: number): void;
  finished?(trace: Trace, event: FinishedEvent): void;
  failed?(trace: Trace, event: FailedEvent): void;
}

/** Hears the events of one request, after the observers did. */
export type TrafficListener = (event: SchedulerEvent, trace: Trace) => void;

/** The way of every request to the engine host and of its events back, watched by metrics, admission and dashboard. */
export class Traffic {
  readonly #host: EngineHost;
  readonly #observers: readonly TrafficObserver[];
  #inFlight = 0;

  constructor(host: EngineHost, observers: readonly TrafficObserver[]) {
    this.#host = host;
    this.#observers = observers;
  }

  /** Requests submitted and not yet ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** @param arrivalMs when the HTTP request came in, before it was tokenized */
  submit(request: Request, endpoint: string, arrivalMs: number, listener: TrafficListener): void {
    const trace = newTrace(request, endpoint, arrivalMs);
    this.#inFlight += 1;
    for (const observer of this.#observers) observer.submitted?.(trace);
    this.#host.submit(request, (event) => {
      this.#note(trace, event);
      listener(event, trace);
    });
  }

  /** Frees the request's slot, or takes it from the queue, within one step. */
  cancel(id: string): void {
    this.#host.cancel(id);
  }

  #note(trace: Trace, event: SchedulerEvent): void {
    switch (event.type) {
      case "started":
        trace.state = "running";
        if (Number.isNaN(trace.startedMs)) trace.startedMs = event.nowMs;
        trace.slot = event.slot;
        trace.batch = event.batch;
        trace.batchSize = event.batchSize;
        for (const observer of this.#observers) observer.started?.(trace, event.nowMs);
        break;
      case "tokens": {
        const gapMs = event.nowMs - trace.lastTokenMs;
        if (Number.isNaN(trace.firstTokenMs)) trace.firstTokenMs = event.nowMs;
        trace.lastTokenMs = event.nowMs;
        trace.completionTokens += event.tokens.length;
        for (const observer of this.#observers) observer.tokens?.(trace, event.tokens.length, gapMs);
        break;
      }
      case "preempted":
        trace.state = "waiting";
        for (const observer of this.#observers) observer.preempted?.(trace, event.nowMs);
        break;
      default:
        this.#end(trace, event);
    }
  }

  #end(trace: Trace, event: FinishedEvent | FailedEvent): void {
    this.#inFlight -= 1;
    trace.state = "ended";
    trace.endedMs = event.nowMs;
    if (event.type === "finished") {
      trace.outcome = event.reason;
      for (const observer of this.#observers) observer.finished?.(trace, event);
    } else {
      trace.outcome = event.error.code;
      for (const observer of this.#observers) observer.failed?.(trace, event);
    }
  }
}

function newTrace(request: Request, endpoint: string, arrivalMs: number): Trace {
  return {
    id: request.id,
    endpoint,
    promptTokens: request.promptTokens.length,
    maxTokens: request.maxTokens,
    arrivalMs,
    state: "waiting",
    slot: -1,
    batch: 0,
    batchSize: 0,
    startedMs: Number.NaN,
    firstTokenMs: Number.NaN,
    lastTokenMs: Number.NaN,
    endedMs: Number.NaN,
    completionTokens: 0,
    outcome: undefined,
  };
}
