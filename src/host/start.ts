import { Worker } from "node:worker_threads";
import type { EngineInfo } from "../engine/engine.js";
import { SluiceError } from "../errors.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { Request } from "../scheduler/request.js";
import { DEFAULT_SCHEDULER, type SchedulerSettings } from "../scheduler/settings.js";
import type { Markers, PromptText } from "../text/markers.js";
import type { EngineHost } from "./client.js";
import { type PackedEvent, unpackEvents } from "./packing.js";
import type { HostCommand, HostMessage, HostStats, HostWorkerData } from "./protocol.js";
import type { LoadSettings } from "./settings.js";
import { openTokenizer, type Tokenizer } from "./tokenizer.js";

/** Compiled code in every case: from src/ (tests) and from dist/ the path is the same. */
const WORKER_FILE = new URL("../../dist/host/worker.js", import.meta.url);

/** What a step allocates dies with it: a large young generation makes collections, which would stand between steps, rare. */
const YOUNG_GENERATION_MIB = 64;

/**
 * Starts an engine host: a worker thread with model, scheduler and crank.
 *
 * @throws SluiceError when the model cannot be loaded or the scheduler settings are wrong
 */
export async function startEngineHost(
  load: LoadSettings,
  scheduler: SchedulerSettings = DEFAULT_SCHEDULER,
): Promise<EngineHost> {
  const signal = new SharedArrayBuffer(4);
  const workerData: HostWorkerData = { load, scheduler, signal };
  const worker = new Worker(WORKER_FILE, {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  const { info, vocabularyAddress } = await firstMessage(worker);
  return new WorkerHost(worker, new Int32Array(signal), info, await openTokenizer(load, vocabularyAddress));
}

type Ready = Extract<HostMessage, { type: "ready" }>;

function firstMessage(worker: Worker): Promise<Ready> {
  // A worker whose last listener goes falls silent for good: this one stays until the host has its own.
  worker.on("message", () => {});
  return new Promise((resolve, reject) => {
    worker.once("error", (error) => reject(SluiceError.from(error, "engine_lost")));
    worker.once("exit", (code) => reject(new SluiceError("engine_lost", `the engine host ended with code ${code}`)));
    worker.once("message", (message: HostMessage) => {
      if (isEvents(message)) reject(new SluiceError("engine_lost", "the engine host began with events"));
      else if (message.type === "ready") resolve(message);
      else if (message.type === "lost") reject(SluiceError.fromData(message.error));
      else reject(new SluiceError("engine_lost", `the engine host began with "${message.type}"`));
    });
  });
}

function isEvents(message: HostMessage): message is readonly PackedEvent[] {
  return Array.isArray(message);
}

interface Pending {
  readonly listener: (event: SchedulerEvent) => void;
  readonly promptTokens: number;
  waiting: boolean;
}

interface Call {
  resolve(stats: HostStats | undefined): void;
  reject(error: SluiceError): void;
}

class WorkerHost implements EngineHost {
  readonly #pending = new Map<string, Pending>();
  readonly #calls = new Map<number, Call>();
  /** The last of the texts that are tokenized elsewhere, one after another, so that they take one core at most. */
  #aside: Promise<unknown> = Promise.resolve();
  #nextCall = 1;
  #waiting = 0;
  #waitingTokens = 0;
  /** Why the host is gone; undefined while it lives. */
  #gone: SluiceError | undefined;
  readonly #exited: Promise<void>;
  #closing = false;

  constructor(
    private readonly worker: Worker,
    private readonly signal: Int32Array,
    readonly info: EngineInfo,
    private readonly tokenizer: Tokenizer,
  ) {
    worker.on("message", (message: HostMessage) => this.#receive(message));
    worker.on("error", (error) => this.#lose(SluiceError.from(error, "engine_lost")));
    this.#exited = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#lose(new SluiceError("engine_lost", `the engine host ended with code ${code}`));
        resolve();
      });
    });
  }

  get waiting(): number {
    return this.#waiting;
  }

  get waitingTokens(): number {
    return this.#waitingTokens;
  }

  get markers(): Markers {
    this.#checkOpen();
    return this.tokenizer.markers;
  }

  tokenize(prompt: PromptText, special: boolean): number[] {
    this.#checkOpen();
    return this.tokenizer.tokenize(prompt, special);
  }

  async tokenizeAside(prompt: PromptText, special: boolean): Promise<number[]> {
    const tokens = this.#aside.then(() => {
      this.#checkOpen();
      return this.tokenizer.tokenizeAside(prompt, special);
    });
    this.#aside = tokens.catch(() => undefined);
    return tokens;
  }

  detokenize(tokens: readonly number[], special?: boolean): string {
    this.#checkOpen();
    return this.tokenizer.detokenize(tokens, special);
  }

  async configure(settings: SchedulerSettings): Promise<void> {
    await this.#call((call) => ({ type: "configure", call, settings }));
  }

  submit(request: Request, listener: (event: SchedulerEvent) => void): void {
    const promptTokens = request.promptTokens.length;
    if (this.#pending.has(request.id)) {
      const message = `a request with the id ${request.id} is already there`;
      listener(failed(request.id, new SluiceError("invalid_request", message, { field: "id" })));
      return;
    }
    try {
      this.#checkOpen();
      if (request.sampling.grammar !== undefined && !this.info.grammar) {
        const message = `grammar: the ${this.info.kind} engine has no grammar`;
        throw new SluiceError("unsupported_field", message, { field: "grammar" });
      }
    } catch (error) {
      listener(failed(request.id, SluiceError.from(error)));
      return;
    }
    const pending: Pending = { listener, promptTokens, waiting: false };
    this.#pending.set(request.id, pending);
    this.#setWaiting(pending, true);
    this.#send({ type: "submit", request });
  }

  cancel(id: string): void {
    if (this.#pending.has(id)) this.#send({ type: "cancel", id });
  }

  flush(): void {
    this.#send({ type: "flush" });
  }

  async drain(): Promise<void> {
    await this.#call((call) => ({ type: "drain", call }));
  }

  async stats(): Promise<HostStats> {
    return (await this.#call((call) => ({ type: "stats", call })))!;
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      // Said here and not by the host, which may be in a step that never ends.
      this.#failAll(new SluiceError("shutting_down", "the engine host was closed"));
      // The vocabulary must not go while a text is tokenized.
      await this.#aside;
      this.#send({ type: "close" });
    }
    await this.#exited;
  }

  /** The model is freed some time between the command to close and the end of the thread: nothing may touch it then. */
  #checkOpen(): void {
    if (this.#closing) throw new SluiceError("shutting_down", "the engine host was closed");
    if (this.#gone) throw this.#gone;
  }

  #call(command: (call: number) => HostCommand): Promise<HostStats | undefined> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      const call = this.#nextCall++;
      this.#calls.set(call, { resolve, reject });
      this.#send(command(call));
    });
  }

  #send(command: HostCommand): void {
    this.worker.postMessage(command);
    Atomics.add(this.signal, 0, 1);
    Atomics.notify(this.signal, 0);
  }

  #receive(message: HostMessage): void {
    if (isEvents(message)) unpackEvents(message, (event) => this.#dispatch(event));
    else if (message.type === "reply") this.#takeCall(message.call)?.resolve(message.stats);
    else if (message.type === "refused") this.#takeCall(message.call)?.reject(SluiceError.fromData(message.error));
    else if (message.type === "lost") this.#lose(SluiceError.fromData(message.error));
  }

  #dispatch(event: SchedulerEvent): void {
    const pending = this.#pending.get(event.id);
    if (pending === undefined) return;
    if (event.type === "preempted") this.#setWaiting(pending, true);
    else this.#setWaiting(pending, false);
    if (event.type === "finished" || event.type === "failed") this.#pending.delete(event.id);
    pending.listener(event);
  }

  #setWaiting(pending: Pending, waiting: boolean): void {
    if (pending.waiting === waiting) return;
    pending.waiting = waiting;
    this.#waiting += waiting ? 1 : -1;
    this.#waitingTokens += waiting ? pending.promptTokens : -pending.promptTokens;
  }

  #takeCall(call: number): Call | undefined {
    const found = this.#calls.get(call);
    this.#calls.delete(call);
    return found;
  }

  /** Everything that is still open fails with the reason. */
  #lose(reason: SluiceError): void {
    if (this.#gone) return;
    this.#gone = reason;
    this.#failAll(reason);
  }

  #failAll(reason: SluiceError): void {
    for (const call of this.#calls.values()) call.reject(reason);
    this.#calls.clear();
    for (const id of [...this.#pending.keys()]) this.#dispatch(failed(id, reason));
  }
}

function failed(id: string, error: SluiceError): SchedulerEvent {
  return { type: "failed", id, nowMs: Number(process.hrtime.bigint()) / 1e6, error: error.toData() };
}
