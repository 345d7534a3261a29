import { setMaxListeners } from "node:events";
import { drive } from "../../src/bench/load.js";
import { RemoteTarget } from "../../src/bench/remote-target.js";
import { RemoteClient } from "../../src/client/client.js";
import { parseEndpoint } from "../../src/client/endpoint.js";
import { SystemClock } from "../../src/clock.js";
import type { Measurement, Workload } from "./peer.js";

const SEED = 1;

/** A closed loop through Sluice's own load client, streaming: every server is measured by the same code. */
export async function measureOverHttp(baseUrl: string, workload: Workload): Promise<Measurement> {
  const { signal } = new AbortController();
  setMaxListeners(0, signal); // one for each request under way
  const clock = new SystemClock();
  const endpoint = parseEndpoint(baseUrl, "url");
  const client = new RemoteClient(endpoint, { model: undefined, apiKey: undefined, stallTimeoutMs: 120_000 });
  await client.ready(0, signal);
  const target = new RemoteTarget(client, clock, { ...workload.sampling, ignoreEos: true }, SEED);
  const plan = workload.requests.map((request, i) => ({ seq: i + 1, ...request, atMs: undefined }));
  const records = await drive(target, plan, { clock, maxConcurrent: workload.concurrency, signal });
  const failed = records.find((record) => record.status !== "ok");
  if (failed) throw new Error(`${baseUrl}: request ${failed.seq} ${failed.status}: ${failed.error}`);
  const firstMs = Math.min(...records.map((record) => record.dispatchedMs));
  const lastMs = Math.max(...records.map((record) => record.endedMs));
  return {
    wallMs: lastMs - firstMs,
    samples: records.map((record) => ({
      ttftMs: record.firstTokenMs! - record.dispatchedMs,
      latencyMs: record.endedMs - record.dispatchedMs,
      outputTokens: record.outputTokens,
    })),
  };
}
