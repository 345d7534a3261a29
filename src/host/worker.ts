/** The engine host's thread: it owns model, scheduler and crank, and turns the crank until it is told to close. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Clock, SystemClock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { SluiceError } from "../errors.js";
import { type Outside, turn } from "../scheduler/crank.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import { makeScheduler } from "../scheduler/load.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import { StepGaps } from "./gaps.js";
import { openEngine } from "./open-engine.js";
import { packEvents } from "./packing.js";
import type { HostCommand, HostMessage, HostStats, HostWorkerData } from "./protocol.js";

type Configure = Extract<HostCommand, { type: "configure" }>;

/** The port's side of the crank. Waiting ends for good on `close`, and for a while on `configure`, which is asynchronous. */
class Port implements Outside {
  closing = false;
  configure: Configure | undefined;
  #drainCalls: number[] = [];
  #seen = 0;
  #scheduler: Scheduler | undefined;
  gaps = new StepGaps();

  constructor(
    private readonly port: MessagePort,
    private readonly signal: Int32Array,
    private readonly engine: Engine,
    private readonly clock: Clock,
  ) {}

  deliver(scheduler: Scheduler, nowMs: number): void {
    // Read first: a command that comes in after the last look has then changed the signal, and `wait` returns at once.
    this.#seen = Atomics.load(this.signal, 0);
    this.#scheduler = scheduler;
    while (this.configure === undefined) {
      const received = receiveMessageOnPort(this.port);
      if (received === undefined) return;
      this.#carryOut(received.message as HostCommand, scheduler, nowMs);
    }
  }

  publish(events: readonly SchedulerEvent[]): void {
    this.#post(packEvents(events));
  }

  wait(untilMs: number): boolean {
    if (this.#scheduler?.empty) this.#replyToDrains();
    if (this.closing || this.configure !== undefined) return false;
    Atomics.wait(this.signal, 0, this.#seen, Math.max(0, untilMs - this.clock.nowMs()));
    return true;
  }

  reply(call: number, error?: unknown): void {
    if (error === undefined) this.#post({ type: "reply", call });
    else this.#post({ type: "refused", call, error: SluiceError.from(error).toData() });
  }

  #carryOut(command: HostCommand, scheduler: Scheduler, nowMs: number): void {
    if (command.type === "submit") scheduler.submit(command.request, nowMs);
    else if (command.type === "cancel") scheduler.cancel(command.id, nowMs);
    else if (command.type === "flush") scheduler.flush();
    else if (command.type === "configure") this.#configureIfEmpty(command, scheduler);
    else if (command.type === "stats") {
      this.#post({ type: "reply", call: command.call, stats: this.#stats(scheduler, nowMs) });
    } else if (command.type === "drain") {
      this.#drainCalls.push(command.call);
      scheduler.drain();
    } else {
      this.closing = true;
      scheduler.abort(new SluiceError("shutting_down", "the engine host was closed"), nowMs);
    }
  }

  #configureIfEmpty(command: Configure, scheduler: Scheduler): void {
    if (scheduler.empty) this.configure = command;
    else this.reply(command.call, new SluiceError("usage", "the scheduler cannot be changed while it has requests"));
  }

  #stats(scheduler: Scheduler, nowMs: number): HostStats {
    return {
      nowMs,
      counters: scheduler.counters,
      waiting: scheduler.waiting,
      waitingTokens: scheduler.waitingTokens,
      running: scheduler.running,
      slots: this.engine.info.slots,
      kvUsage: scheduler.kvUsage,
      stepGapMs: this.gaps.summary(),
      busyMs: this.gaps.busyMs,
    };
  }

  #replyToDrains(): void {
    for (const call of this.#drainCalls.splice(0)) this.#post({ type: "reply", call });
  }

  #post(message: HostMessage): void {
    this.port.postMessage(message);
  }
}

async function main(port: MessagePort, data: HostWorkerData): Promise<void> {
  const clock = new SystemClock();
  const { engine, vocabularyAddress } = await openEngine(data.load, clock);
  const make = (settings: SchedulerSettings) => makeScheduler(settings, engine.info, clock.nowMs());
  let scheduler = await make(data.scheduler);
  const outside = new Port(port, new Int32Array(data.signal), engine, clock);
  port.postMessage({ type: "ready", info: engine.info, vocabularyAddress } satisfies HostMessage);
  while (!outside.closing) {
    while (turn(scheduler, engine, clock, outside, outside.gaps));
    if (outside.configure === undefined) continue;
    const { call, settings } = outside.configure;
    outside.configure = undefined;
    try {
      scheduler = await make(settings);
      outside.gaps = new StepGaps();
      outside.reply(call);
    } catch (error) {
      outside.reply(call, error);
    }
  }
  engine.close();
}

const port = parentPort!;
main(port, workerData as HostWorkerData).catch((error: unknown) => {
  port.postMessage({ type: "lost", error: SluiceError.from(error, "engine_lost").toData() } satisfies HostMessage);
});
