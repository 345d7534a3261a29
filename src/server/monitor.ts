/**
 * What the dashboard sees: a sample of the engine every half second and the life of each request as a bar. Everything
 * here is bounded, and nothing is done per token but an addition: watching never slows the engine.
 */
import type { Clock } from "../clock.js";
import { SluiceError } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import type { HostStats } from "../host/protocol.js";
import { meanBatchSize } from "../metrics/batches.js";
import { quantile } from "../metrics/quantile.js";
import { latencyMs, ttftMs } from "../metrics/request.js";
import type { FailedEvent, FinishedEvent, StartedEvent } from "../scheduler/events.js";
import type { Trace, TrafficObserver } from "./traffic.js";

/** Time between two frames. */
export const FRAME_MS = 500;
const HISTORY_FRAMES = 600;
const RECENT_BARS = 600;
const MAX_BARS_PER_FRAME = 400;
const LATENCY_SAMPLES = 4096;
const LATENCY_WINDOW_MS = 300_000;

/**
 * A request on the timeline: [serial, slot (−1: waits), arrivalMs, startedMs, firstTokenMs, endedMs, tokens, state].
 * Times are 0 while they lie ahead. States: 0 waiting, 1 running, 2 finished, 3 failed or cancelled, 4 preempted.
 */
export type Bar = readonly [number, number, number, number, number, number, number, number];

/** One sample, half a second of the server. Times in ms on the server's monotonic clock; percentiles: p50, p95, p99. */
export interface Sample {
  readonly nowMs: number;
  readonly waiting: number;
  readonly running: number;
  readonly slots: number;
  readonly kvUsage: number;
  readonly tokensPerSec: number;
  readonly promptTokensPerSec: number;
  readonly requestsPerSec: number;
  /** Mean sequences per batch ÷ slots over the sample; null when no batch ran. */
  readonly batchFill: number | null;
  readonly ttftMs: Percentiles;
  readonly latencyMs: Percentiles;
}

export type Percentiles = readonly [number | null, number | null, number | null];

/** What goes to viewers twice a second. */
export interface Frame extends Sample {
  readonly worker: number;
  readonly bars: readonly Bar[];
  /** Changed bars that did not fit into this frame. */
  readonly skippedBars: number;
}

/** What a viewer gets first. */
export interface Backlog {
  readonly worker: number;
  readonly history: readonly Sample[];
  readonly bars: readonly Bar[];
}

/** A request's time in the queue and then in one slot; after a preemption it begins another. */
interface Stay {
  readonly serial: number;
  readonly trace: Trace;
  readonly slot: number;
  readonly startedMs: number;
  /** As of its end; a running one has those of its trace. */
  tokens: number | undefined;
  endedMs: number;
  state: 0 | 1 | 2 | 3 | 4;
}

export interface MonitorOptions {
  readonly host: EngineHost;
  readonly clock: Clock;
  readonly worker: number;
  /** The host no longer answers. */
  readonly onHostLost?: ((error: SluiceError) => void) | undefined;
}

export class Monitor implements TrafficObserver {
  readonly #host: EngineHost;
  readonly #clock: Clock;
  readonly #worker: number;
  readonly #active = new Map<string, Stay>();
  readonly #changed = new Set<Stay>();
  readonly #recent: Stay[] = [];
  readonly #ended: { nowMs: number; ttftMs: number; latencyMs: number }[] = [];
  readonly #history: Sample[] = [];
  readonly #viewers = new Set<(frame: Frame) => void>();
  #serial = 0;
  #finishedRequests = 0;
  #previous: { stats: HostStats; finishedRequests: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onHostLost: (error: SluiceError) => void;

  /** Called when the number of viewers changes. */
  onViewers: (viewers: number) => void = () => {};
  /** Gets every frame of this process, for viewers elsewhere; undefined: there are none. */
  forward: ((frame: Frame) => void) | undefined;

  constructor({ host, clock, worker, onHostLost }: MonitorOptions) {
    this.#host = host;
    this.#clock = clock;
    this.#worker = worker;
    this.#onHostLost = onHostLost ?? (() => undefined);
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.tick(), FRAME_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Hands every frame to `viewer` until the returned function is called. */
  watch(viewer: (frame: Frame) => void): () => void {
    this.#viewers.add(viewer);
    this.onViewers(this.#viewers.size);
    return () => {
      this.#viewers.delete(viewer);
      this.onViewers(this.#viewers.size);
    };
  }

  backlog(): Backlog {
    const stays = [...this.#recent, ...this.#active.values()].slice(-2 * RECENT_BARS);
    return { worker: this.#worker, history: [...this.#history], bars: stays.map(toBar) };
  }

  /** Takes one sample and sends it to the viewers. */
  async tick(): Promise<void> {
    let stats: HostStats;
    try {
      stats = await this.#host.stats();
    } catch (error) {
      if (this.#timer !== undefined) this.#onHostLost(SluiceError.from(error, "engine_lost"));
      this.stop();
      return;
    }
    const sample = this.#sample(stats);
    this.#history.push(sample);
    if (this.#history.length > HISTORY_FRAMES) this.#history.shift();
    const frame = this.#frame(sample);
    if (frame !== undefined) this.relay(frame);
    if (frame !== undefined) this.forward?.(frame);
  }

  /** Hands a frame, also one of another process, to the viewers here. */
  relay(frame: Frame): void {
    for (const viewer of this.#viewers) viewer(frame);
  }

  /** Nobody looks: no frame. */
  #frame(sample: Sample): Frame | undefined {
    if (this.#viewers.size === 0 && this.forward === undefined) {
      this.#changed.clear();
      return undefined;
    }
    for (const stay of this.#active.values()) if (stay.state === 1) this.#changed.add(stay);
    const changed = [...this.#changed].toSorted((a, b) => b.state - a.state);
    this.#changed.clear();
    const bars = changed.slice(0, MAX_BARS_PER_FRAME).map(toBar);
    return { worker: this.#worker, ...sample, bars, skippedBars: changed.length - bars.length };
  }

  submitted(trace: Trace): void {
    this.#wait(trace);
  }

  started(trace: Trace, { slot, nowMs }: StartedEvent): void {
    const waiting = this.#active.get(trace.id);
    if (waiting === undefined) return;
    this.#active.set(trace.id, this.#note({ ...waiting, slot, startedMs: nowMs, state: 1 }));
    this.#changed.delete(waiting);
  }

  preempted(trace: Trace, nowMs: number): void {
    this.#close(trace, nowMs, 4);
    this.#wait(trace);
  }

  finished(trace: Trace, event: FinishedEvent): void {
    this.#close(trace, event.nowMs, 2);
    this.#finishedRequests += 1;
    this.#ended.push({
      nowMs: event.nowMs,
      ttftMs: ttftMs(trace.life)!,
      latencyMs: latencyMs(trace.life)!,
    });
    if (this.#ended.length > LATENCY_SAMPLES) this.#ended.splice(0, LATENCY_SAMPLES / 4);
  }

  failed(trace: Trace, event: FailedEvent): void {
    this.#close(trace, event.nowMs, 3);
  }

  #wait(trace: Trace): void {
    this.#serial += 1;
    const stay: Stay = { serial: this.#serial, trace, slot: -1, startedMs: 0, tokens: undefined, endedMs: 0, state: 0 };
    this.#active.set(trace.id, this.#note(stay));
  }

  #close(trace: Trace, nowMs: number, state: 2 | 3 | 4): void {
    const stay = this.#active.get(trace.id);
    if (stay === undefined) return;
    stay.endedMs = nowMs;
    stay.state = state;
    stay.tokens = trace.life.outputTokens;
    this.#active.delete(trace.id);
    this.#note(stay);
    this.#recent.push(stay);
    if (this.#recent.length > RECENT_BARS) this.#recent.splice(0, RECENT_BARS / 4);
  }

  #note(stay: Stay): Stay {
    this.#changed.add(stay);
    return stay;
  }

  #sample(stats: HostStats): Sample {
    const before = this.#previous;
    this.#previous = { stats, finishedRequests: this.#finishedRequests };
    const seconds = before === undefined ? Number.POSITIVE_INFINITY : (stats.nowMs - before.stats.nowMs) / 1000;
    const { counters } = stats;
    const perSec = (now: number, then: number | undefined) => round((now - (then ?? 0)) / seconds);
    return {
      nowMs: round(stats.nowMs),
      waiting: stats.waiting,
      running: stats.running,
      slots: stats.slots,
      kvUsage: round(stats.kvUsage, 4),
      tokensPerSec: perSec(counters.generatedTokens, before?.stats.counters.generatedTokens),
      promptTokensPerSec: perSec(counters.prefillTokens, before?.stats.counters.prefillTokens),
      requestsPerSec: perSec(this.#finishedRequests, before?.finishedRequests),
      batchFill: batchFill(stats, before?.stats),
      ...this.#percentiles(),
    };
  }

  #percentiles(): Pick<Sample, "ttftMs" | "latencyMs"> {
    const sinceMs = this.#clock.nowMs() - LATENCY_WINDOW_MS;
    const recent = this.#ended.filter((ended) => ended.nowMs >= sinceMs);
    return {
      ttftMs: percentilesOf(recent.map((ended) => ended.ttftMs)),
      latencyMs: percentilesOf(recent.map((ended) => ended.latencyMs)),
    };
  }
}

function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number) => (sorted.length === 0 ? null : round(quantile(sorted, share)));
  return [at(0.5), at(0.95), at(0.99)];
}

function batchFill({ counters, slots }: HostStats, before: HostStats | undefined): number | null {
  const mean = meanBatchSize(counters.batchSizes, before?.counters.batchSizes);
  return mean === null ? null : round(mean / slots, 3);
}

function toBar(stay: Stay): Bar {
  const { serial, trace, slot, startedMs, endedMs, state } = stay;
  const { dispatchedMs, firstTokenMs, outputTokens } = trace.life;
  const firstMs = startedMs === 0 || firstTokenMs === null ? 0 : Math.max(startedMs, firstTokenMs);
  return [
    serial,
    slot,
    round(dispatchedMs),
    round(startedMs),
    round(firstMs),
    round(endedMs),
    stay.tokens ?? outputTokens,
    state,
  ];
}

function round(value: number, digits = 1): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
