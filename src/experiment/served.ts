/** Runs over HTTP against a server of our own, which is started anew for every run. */
import { RemoteClient } from "../client/client.js";
import { parseEndpoint } from "../client/endpoint.js";
import { SystemClock } from "../clock.js";
import type { EngineSettings } from "../host/settings.js";
import type { ResolveOptions } from "../models/resolve.js";
import { kebabCase } from "../naming.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import { drive, SILENT } from "../targets/drive.js";
import { RemoteTarget } from "../targets/remote.js";
import { spawnServer } from "../targets/server-process.js";
import { firstOf, type Plan } from "../workload/workload.js";
import { CpuSampler } from "./cpu.js";
import type { RunConditions, Runner, RunOutput } from "./runner.js";
import { type Session, servedModel } from "./session.js";
import type { Variant } from "./variant.js";

/** The server says when it is ready; its workers may need a little longer. */
const READY_WITHIN_MS = 60_000;
const STALL_TIMEOUT_MS = 300_000;
const REQUEST_TIMEOUT_MS = 3_600_000;
/** A warm-up touches every page of the model, it need not be long. */
const WARMUP = { requests: 8, maxTokens: 8 } as const;

export class ServedRunner implements Runner {
  readonly target;
  readonly clock = "real";
  readonly #clock = new SystemClock();

  /** @param path which API is driven: `/v1/completions`, `/generate`, `/correct` … */
  constructor(
    private readonly engine: EngineSettings,
    private readonly path: string,
  ) {
    this.target = { kind: "remote", url: path } as const;
  }

  async run(variant: Variant, plan: Plan, options: RunConditions): Promise<RunOutput> {
    const server = await spawnServer(serveFlags(this.engine, variant), options.signal);
    const endpoint = parseEndpoint(server.url + this.path, "--http");
    const client = new RemoteClient(endpoint, {
      apiKey: undefined,
      model: undefined,
      stallTimeoutMs: STALL_TIMEOUT_MS,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
    });
    try {
      await client.ready(READY_WITHIN_MS, options.signal);
      const target = new RemoteTarget(client, this.#clock, options.sampling, options.seed);
      const warmup = [...firstOf(plan, WARMUP.requests)].map((request) => ({ ...request, ...atOnce }));
      await drive(target, warmup, { ...options, clock: this.#clock, observer: SILENT });
      const cpu = new CpuSampler();
      await drive(target, plan, { ...options, clock: this.#clock });
      return { counters: null, host: null, cpuPercent: cpu.stop() };
    } finally {
      client.close();
      await server.stop();
    }
  }
}

const atOnce = { maxTokens: WARMUP.maxTokens, atMs: undefined };

/** The flags of `sluice serve` that make the server run like this variant. */
export function serveFlags(engine: EngineSettings, variant: Variant): string[] {
  const slots = engine.slots || variant.maxSequences;
  return [
    ...flag("model", engine.model),
    ...flag("device", engine.device),
    ...(engine.threads > 0 ? flag("threads", engine.threads) : []),
    ...flag("poll", engine.poll),
    ...(engine.contextSize > 0 ? flag("contextSize", engine.contextSize) : []),
    ...(engine.memoryLimitMib > 0 ? flag("memoryLimit", engine.memoryLimitMib) : []),
    ...flag("slots", slots),
    ...(variant.workers === undefined ? [] : flag("workers", variant.workers)),
    ...(variant.settings ? schedulerFlags(variant.settings) : []),
  ];
}

function schedulerFlags(settings: SchedulerSettings): string[] {
  const { policy, policyOptions, order, ageAfterMs, maxNumQueuedReqs, maxNumQueuedTokens, compactSlots } = settings;
  return [
    ...flag("scheduler", policy),
    ...Object.entries(policyOptions).flatMap(([name, value]) => flag(name, value)),
    ...flag("order", order),
    ...flag("ageAfterMs", ageAfterMs),
    ...flag("maxNumQueuedReqs", maxNumQueuedReqs),
    ...(Number.isFinite(maxNumQueuedTokens) ? flag("maxNumQueuedTokens", maxNumQueuedTokens) : []),
    ...(compactSlots ? [] : ["--no-compact-slots"]),
  ];
}

function flag(name: string, value: string | number | boolean): string[] {
  return [`--${kebabCase(name)}`, String(value)];
}

/**
 * A session whose runs each start a server. The model is made first, once, and not by the first server in silence.
 *
 * @throws SluiceError `usage`, `model_unavailable`
 */
export async function servedSession(
  engine: EngineSettings,
  runner: ServedRunner,
  onProgress: NonNullable<ResolveOptions["onProgress"]>,
): Promise<Session> {
  return {
    model: await servedModel(engine, onProgress),
    description: `${engine.model} behind sluice serve, ${runner.target.url}`,
    warmsUp: false,
    runnerOf: () => runner,
    close: async () => {},
  };
}
