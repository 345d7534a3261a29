import type { EngineHost } from "../host/client.js";
import { Lifetime } from "../metrics/lifetime.js";
import type { FailedEvent, FinishedEvent, SchedulerEvent, StartedEvent } from "../scheduler/events.js";
import type { Request } from "../scheduler/request.js";

/** What the server knows of one request. */
export interface Trace {
  readonly id: string;
  readonly endpoint: string;
  readonly promptTokens: number;
  readonly maxTokens: number;
  /** Its times, on the clock that all threads share; it begins when the HTTP request came in. */
  readonly life: Lifetime;
}

/** Hears of every request that the server hands to the engine host, after its life has taken the event in. */
export interface TrafficObserver {
  submitted?(trace: Trace): void;
  started?(trace: Trace, event: StartedEvent): void;
  /** Its first token is there: once a request, unless it fails before. */
  firstToken?(trace: Trace): void;
  /** A chunk came so long after the one before. */
  gap?(trace: Trace, gapMs: number): void;
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
    const trace: Trace = {
      id: request.id,
      endpoint,
      promptTokens: request.promptTokens.length,
      maxTokens: request.maxTokens,
      life: new Lifetime(arrivalMs),
    };
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
    const { life } = trace;
    const awaitsFirst = life.firstTokenMs === null;
    const gaps = life.gapsMs.length;
    life.take(event);
    if (life.ended) this.#inFlight -= 1;
    if (awaitsFirst && life.firstTokenMs !== null) this.#tell((observer) => observer.firstToken?.(trace));
    if (life.gapsMs.length > gaps) this.#tell((observer) => observer.gap?.(trace, life.gapsMs[gaps]!));
    if (event.type === "started") this.#tell((observer) => observer.started?.(trace, event));
    else if (event.type === "preempted") this.#tell((observer) => observer.preempted?.(trace, event.nowMs));
    else if (event.type === "finished") this.#tell((observer) => observer.finished?.(trace, event));
    else if (event.type === "failed") this.#tell((observer) => observer.failed?.(trace, event));
  }

  #tell(what: (observer: TrafficObserver) => void): void {
    for (const observer of this.#observers) what(observer);
  }
}
