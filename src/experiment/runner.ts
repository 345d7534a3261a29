/** Where a variant runs: an engine host, virtual time, or a server. One plan in, everything measured out. */
import { SystemClock, VirtualClock } from "../clock.js";
import { SimulatedEngine } from "../engine/simulated/engine.js";
import { SluiceError } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import type { Distribution } from "../metrics/quantile.js";
import type { RunHost, RunResult } from "../results/schema.js";
import type { SchedulerCounters } from "../scheduler/counters.js";
import { makeScheduler } from "../scheduler/load.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import { drive, type LoadObserver } from "../targets/drive.js";
import { simulate } from "../targets/simulate.js";
import { InProcessTarget, type Sampling, type Target } from "../targets/target.js";
import type { Plan } from "../workload/workload.js";
import type { Variant } from "./variant.js";

/** What a runner gives back beside the requests, which its observer is told; counters and host only where they can be seen. */
export interface RunOutput {
  readonly counters: SchedulerCounters | null;
  readonly host: RunHost | null;
  /** How busy the machine's cores were, where that was sampled. */
  readonly cpuPercent?: Distribution | null;
}

export interface RunConditions {
  readonly maxConcurrent: number;
  readonly sampling: Sampling;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly observer: LoadObserver;
}

export interface Runner {
  readonly target: RunResult["target"];
  readonly clock: RunResult["clock"];
  run(variant: Variant, plan: Plan, options: RunConditions): Promise<RunOutput>;
}

/** Every scheduler on the same engine host: the model is loaded once. */
export class HostRunner implements Runner {
  readonly target = { kind: "in-process", url: null } as const;
  readonly clock = "real";
  readonly #clock = new SystemClock();

  constructor(private readonly host: EngineHost) {}

  async run(variant: Variant, plan: Plan, options: RunConditions): Promise<RunOutput> {
    await this.host.configure(settingsOf(variant));
    const target = new InProcessTarget(this.host, this.#clock, options.sampling, options.seed);
    await drive(target, plan, { clock: this.#clock, ...options });
    const { counters, slots, stepGapMs, busyMs, kvUsage } = await this.host.stats();
    return { counters, host: { slots, stepGapMs, busyMs, kvUsage } };
  }
}

/** The mock engine in virtual time. */
export class SimulatedRunner implements Runner {
  readonly target = { kind: "simulated", url: null } as const;
  readonly clock = "virtual";

  constructor(
    private readonly slots: number,
    private readonly contextSize: number,
  ) {}

  async run(variant: Variant, plan: Plan, options: RunConditions): Promise<RunOutput> {
    const clock = new VirtualClock();
    const engine = new SimulatedEngine({ clock, slots: this.slots, contextSize: this.contextSize });
    const scheduler = await makeScheduler(settingsOf(variant), engine.info, clock.nowMs());
    await simulate(scheduler, engine, plan, { clock, ...options });
    return { counters: scheduler.counters, host: null };
  }
}

/** A server that was configured when it was started. */
export class RemoteRunner implements Runner {
  readonly target: RunResult["target"];
  readonly clock = "real";
  readonly #clock = new SystemClock();

  /** @param targetFor makes the target of a run: sampling and seeds differ from run to run */
  constructor(
    url: string,
    private readonly targetFor: (sampling: Sampling, seed: number) => Target,
  ) {
    this.target = { kind: "remote", url };
  }

  async run(_setup: Variant, plan: Plan, options: RunConditions): Promise<RunOutput> {
    const target = this.targetFor(options.sampling, options.seed);
    await drive(target, plan, { clock: this.#clock, ...options });
    return { counters: null, host: null };
  }
}

function settingsOf(variant: Variant): SchedulerSettings {
  if (variant.settings) return variant.settings;
  throw new SluiceError("usage", `${variant.label} needs --endpoint: the server that it stands for`);
}
