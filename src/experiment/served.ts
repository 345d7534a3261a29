/** Runs over HTTP against a server of our own, which is started anew for every run. */
import { randomUUID } from "node:crypto";
import { RemoteClient } from "../client/client.js";
import { parseEndpoint } from "../client/endpoint.js";
import { SystemClock } from "../clock.js";
import { ENGINE_OPTIONS, type EngineSettings } from "../host/settings.js";
import type { ResolveOptions } from "../models/resolve.js";
import { kebabCase } from "../naming.js";
import { flagOf, flagWords } from "../options.js";
import { SCHEDULER_OPTIONS } from "../scheduler/settings.js";
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
    // A key of its own, which wins over one that the environment holds for other servers.
    const apiKey = randomUUID();
    const flags = [...serveFlags(this.engine, variant), "--api-key", apiKey];
    const server = await spawnServer(flags, options.signal);
    const endpoint = parseEndpoint(server.url + this.path, "--http");
    const client = new RemoteClient(endpoint, {
      apiKey,
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
export function serveFlags(engine: EngineSettings, { settings, workers, maxSequences }: Variant): string[] {
  const { model, ...rest } = ENGINE_OPTIONS;
  return [
    // A server's own default is another model.
    flagOf("model", model),
    engine.model,
    ...flagWords(rest, { ...engine, slots: engine.slots || maxSequences }),
    ...(workers === undefined ? [] : ["--workers", String(workers)]),
    ...(settings ? flagWords(SCHEDULER_OPTIONS, settings) : []),
    ...Object.entries(settings?.policyOptions ?? {}).flatMap(([name, value]) => [
      `--${kebabCase(name)}`,
      String(value),
    ]),
  ];
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
