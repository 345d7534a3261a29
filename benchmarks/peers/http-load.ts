import { performance } from "node:perf_hooks";
import { RemoteClient } from "../../src/client/client.js";
import { parseEndpoint } from "../../src/client/endpoint.js";
import { driveWorkload } from "./pacing.mjs";
import type { Measurement, Sample, Workload } from "./peer.js";

/** A minute without a byte means that a server is stuck; a round of a slow peer takes no longer than some minutes. */
const LIMITS = { stallTimeoutMs: 120_000, requestTimeoutMs: 600_000 };

/** Measures a server by streamed completions with Sluice's load client: every server by this same code. */
export async function measureOverHttp(baseUrl: string, workload: Workload): Promise<Measurement> {
  const endpoint = parseEndpoint(baseUrl, "the peer");
  const client = new RemoteClient(endpoint, { apiKey: undefined, model: undefined, ...LIMITS });
  await client.ready(0);
  try {
    return await driveWorkload(workload, async ({ prompt, maxTokens }, i): Promise<Sample> => {
      const request = { prompt, maxTokens, ...workload.sampling, seed: i + 1, ignoreEos: true, stream: true };
      const sentMs = performance.now();
      let ttftMs = Number.NaN;
      const piece = ({ text }: { text: string }): void => {
        if (text !== "" && Number.isNaN(ttftMs)) ttftMs = performance.now() - sentMs;
      };
      const told = await client.send(request, { status: () => {}, piece });
      const latencyMs = performance.now() - sentMs;
      if (told.completionTokens === undefined) throw new Error(`${baseUrl} told no count of tokens that can be true`);
      return { ttftMs, latencyMs, outputTokens: told.completionTokens };
    });
  } finally {
    client.close();
  }
}
