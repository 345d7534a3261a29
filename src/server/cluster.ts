/**
 * Several serving processes behind one port. The primary holds the port and hands connections out in turn; it loads no
 * model and sees no request. A worker that dies takes only its own requests with it and is replaced.
 */
import cluster, { type Worker } from "node:cluster";
import type { FastifyBaseLogger } from "fastify";
import { AggregatorRegistry, type MetricObject } from "prom-client";
import { type ErrorData, SluiceError } from "../errors.js";
import type { Backlog, Frame } from "./monitor.js";

/** A worker that dies sooner than this after its start counts as a failed start. */
const SETTLED_MS = 10_000;
const MAX_FAILED_STARTS = 3;
const COLLECT_TIMEOUT_MS = 2000;
const HEARTBEAT_MS = 1000;
/** A worker that was silent for so many beats is stuck or stopped, and is replaced. */
const MAX_SILENT_BEATS = 10;
/** Workers that have not ended so long after the drain timeout are killed. */
const KILL_AFTER_DRAIN_MS = 1500;

/** What each worker has of its own and a page shows of all. */
export interface Shares {
  readonly metrics: object[];
  readonly backlog: Backlog;
}

/** Worker → primary. */
export type WorkerMessage =
  | { readonly type: "alive" }
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "failed"; readonly error: ErrorData }
  | { readonly type: "collect"; readonly call: number; readonly what: keyof Shares }
  | { readonly type: "share"; readonly call: number; readonly share: Shares[keyof Shares] }
  | { readonly type: "watching"; readonly viewers: number }
  | { readonly type: "frame"; readonly frame: Frame };

/** Primary → worker. */
export type PrimaryMessage =
  | { readonly type: "share?"; readonly call: number; readonly what: keyof Shares }
  | { readonly type: "collected"; readonly call: number; readonly shares: readonly Shares[keyof Shares][] }
  | { readonly type: "watch"; readonly watch: boolean }
  | { readonly type: "frame"; readonly frame: Frame };

export interface PrimaryOptions {
  readonly workers: number;
  /** The environment variable that tells a worker its number. */
  readonly workerVariable: string;
  readonly logger: FastifyBaseLogger;
  /** How long workers take to drain. */
  readonly drainTimeoutMs: number;
  /** All workers are ready for the first time. */
  onReady(url: string): void;
}

interface Place {
  readonly index: number;
  worker: Worker;
  startedMs: number;
  ready: boolean;
  viewers: number;
  /** Beats since the worker was last heard. */
  silentBeats: number;
  failedStarts: number;
}

/** Keeps the workers running. */
export class Primary {
  readonly #options: PrimaryOptions;
  readonly #places: Place[] = [];
  readonly #asked = new Map<number, (share: Shares[keyof Shares]) => void>();
  #nextCall = 1;
  #announced = false;
  #stopping = false;
  /** Why workers cannot start. */
  #failure: SluiceError | undefined;
  #stopped: (failure: SluiceError | undefined) => void = () => {};
  /** Settles when the last worker has ended: resolves after {@link stop}, rejects when workers could not start. */
  readonly done: Promise<void>;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.done = new Promise((resolve, reject) => {
      this.#stopped = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    cluster.on("exit", (worker, code, signal) => this.#replace(worker, signal ?? `code ${code}`));
    for (let index = 0; index < options.workers; index++) {
      this.#places.push({ index, ...this.#fork(index), failedStarts: 0 });
    }
    setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  /** Lets every worker drain and end; one that does not is killed. */
  stop(signal: NodeJS.Signals): void {
    this.#stopping = true;
    for (const { worker } of this.#places) worker.process.kill(signal);
    setTimeout(() => this.kill(), this.#options.drainTimeoutMs + KILL_AFTER_DRAIN_MS).unref();
    this.#endWhenEmpty();
  }

  /** Ends every worker now. */
  kill(): void {
    for (const { worker } of this.#places) worker.process.kill("SIGKILL");
  }

  /** Counts beats and not time: after a pause of this process all workers would seem silent. */
  #beat(): void {
    if (this.#stopping) return;
    for (const place of this.#places) {
      place.silentBeats += 1;
      if (place.silentBeats !== MAX_SILENT_BEATS) continue;
      this.#options.logger.error(
        { worker: place.index, pid: place.worker.process.pid },
        "worker is silent, killing it",
      );
      place.worker.process.kill("SIGKILL");
    }
  }

  #fork(index: number): Omit<Place, "index" | "failedStarts"> {
    const worker = cluster.fork({ [this.#options.workerVariable]: String(index) });
    worker.on("message", (message: WorkerMessage) => this.#hear(index, message));
    return { worker, startedMs: performance.now(), ready: false, viewers: 0, silentBeats: 0 };
  }

  #hear(index: number, message: WorkerMessage): void {
    const place = this.#places[index]!;
    place.silentBeats = 0;
    switch (message.type) {
      case "ready":
        place.ready = true;
        this.#announce(message.url);
        this.#spreadWatch();
        break;
      case "failed":
        this.#giveUp(SluiceError.fromData(message.error));
        break;
      case "collect":
        void this.#collect(message.what).then((shares) =>
          tell(place.worker, { type: "collected", call: message.call, shares }),
        );
        break;
      case "share":
        this.#asked.get(message.call)?.(message.share);
        break;
      case "watching":
        place.viewers = message.viewers;
        this.#spreadWatch();
        break;
      case "frame":
        for (const other of this.#places) {
          if (other !== place && other.viewers > 0) tell(other.worker, { type: "frame", frame: message.frame });
        }
    }
  }

  #announce(url: string): void {
    if (this.#announced || this.#places.some(({ ready }) => !ready)) return;
    this.#announced = true;
    this.#options.onReady(url);
  }

  /** Workers send their frames only while someone watches. */
  #spreadWatch(): void {
    const watch = this.#places.some(({ viewers }) => viewers > 0);
    for (const { worker } of this.#places) tell(worker, { type: "watch", watch });
  }

  #replace(worker: Worker, how: string): void {
    const place = this.#places.find((candidate) => candidate.worker === worker);
    if (place === undefined) return;
    if (this.#stopping) {
      this.#endWhenEmpty();
      return;
    }
    const settled = place.ready && performance.now() - place.startedMs > SETTLED_MS;
    place.failedStarts = settled ? 0 : place.failedStarts + 1;
    this.#options.logger.error({ worker: place.index, pid: worker.process.pid, how }, "worker died, replacing it");
    if (place.failedStarts >= MAX_FAILED_STARTS) {
      const message = `worker ${place.index} died ${MAX_FAILED_STARTS} times soon after its start (${how})`;
      this.#giveUp(new SluiceError("engine_lost", message));
      return;
    }
    Object.assign(place, this.#fork(place.index));
  }

  #giveUp(failure: SluiceError): void {
    if (this.#stopping) return;
    this.#failure = failure;
    this.stop("SIGTERM");
  }

  #endWhenEmpty(): void {
    if (this.#places.every(({ worker }) => worker.isDead())) this.#stopped(this.#failure);
  }

  async #collect(what: keyof Shares): Promise<Shares[keyof Shares][]> {
    const ready = this.#places.filter((place) => place.ready);
    const shares = await Promise.all(ready.map(({ worker }) => this.#ask(worker, what)));
    return shares.filter((share) => share !== undefined);
  }

  /** A worker's share; nothing of one that does not answer in time. */
  #ask(worker: Worker, what: keyof Shares): Promise<Shares[keyof Shares] | undefined> {
    const call = this.#nextCall++;
    return new Promise((resolve) => {
      const end = (share?: Shares[keyof Shares]) => {
        clearTimeout(timer);
        this.#asked.delete(call);
        resolve(share);
      };
      const timer = setTimeout(end, COLLECT_TIMEOUT_MS);
      this.#asked.set(call, end);
      tell(worker, { type: "share?", call, what });
    });
  }
}

function tell(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}

/** A worker's line to the primary. */
export class WorkerLink {
  readonly #collections = new Map<number, (shares: readonly Shares[keyof Shares][]) => void>();
  #nextCall = 1;
  /** Asked for what this worker has. */
  share: { readonly [What in keyof Shares]: () => Shares[What] | Promise<Shares[What]> } | undefined;
  /** Whether this worker's frames are wanted elsewhere. */
  onWatch: (watch: boolean) => void = () => {};
  /** Another worker's frame came in. */
  onFrame: (frame: Frame) => void = () => {};

  constructor() {
    process.on("message", (message: PrimaryMessage) => void this.#hear(message));
    setInterval(() => this.tell({ type: "alive" }), HEARTBEAT_MS).unref();
  }

  tell(message: WorkerMessage): void {
    if (process.connected) process.send?.(message);
  }

  /** The metrics page of all workers. */
  async page(): Promise<string> {
    const shares = (await this.#collect("metrics")) as MetricObject[][];
    return AggregatorRegistry.aggregate(shares.filter((metrics) => metrics.length > 0)).metrics();
  }

  /** What a new viewer gets, of all workers. */
  async backlogs(): Promise<readonly Backlog[]> {
    return (await this.#collect("backlog")) as Backlog[];
  }

  #collect(what: keyof Shares): Promise<readonly Shares[keyof Shares][]> {
    const call = this.#nextCall++;
    return new Promise((resolve) => {
      this.#collections.set(call, resolve);
      this.tell({ type: "collect", call, what });
    });
  }

  async #hear(message: PrimaryMessage): Promise<void> {
    if (message.type === "collected") {
      this.#collections.get(message.call)?.(message.shares);
      this.#collections.delete(message.call);
    } else if (message.type === "share?") {
      const share = await this.share?.[message.what]();
      if (share !== undefined) this.tell({ type: "share", call: message.call, share });
    } else if (message.type === "watch") {
      this.onWatch(message.watch);
    } else {
      this.onFrame(message.frame);
    }
  }
}
