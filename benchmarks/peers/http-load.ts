import { performance } from "node:perf_hooks";
import { Connections } from "./connections.js";
import { driveWorkload } from "./pacing.mjs";
import type { Measurement, Sample, Sampling, Workload, WorkloadRequest } from "./peer.js";

/**
 * Measures a server by streamed completions over connections that are kept. Every server is measured by this same code.
 *
 * It shares the cores with the server, and every microsecond it takes there is missing from the server's compute threads.
 * So it looks at the text of an answer only until the first token has come and at its end, where the usage stands, and
 * parses nothing in between.
 */
export async function measureOverHttp(baseUrl: string, workload: Workload): Promise<Measurement> {
  const connections = new Connections(baseUrl);
  const model = await servedModel(baseUrl);
  try {
    return await driveWorkload(workload, (request, i) =>
      complete(connections, bodyOf(model, request, workload.sampling, i + 1)),
    );
  } finally {
    connections.close();
  }
}

async function servedModel(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/v1/models`);
  const { data } = (await response.json()) as { data: { id: string }[] };
  return data[0]?.id ?? "";
}

function bodyOf(model: string, { prompt, maxTokens }: WorkloadRequest, sampling: Sampling, seed: number): string {
  return JSON.stringify({
    model,
    prompt,
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    seed,
    ignore_eos: true,
    stream: true,
    stream_options: { include_usage: true },
  });
}

async function complete(connections: Connections, body: string): Promise<Sample> {
  const sentMs = performance.now();
  let ttftMs = Number.NaN;
  const { status, end } = await connections.post("/v1/completions", body, (piece) => {
    if (Number.isNaN(ttftMs) && hasText(piece)) ttftMs = performance.now() - sentMs;
  });
  const latencyMs = performance.now() - sentMs;
  const outputTokens = Number(/"completion_tokens": ?(\d+)/.exec(end)?.[1]);
  if (status === 200 && outputTokens > 0) return { ttftMs, latencyMs, outputTokens };
  throw new Error(`status ${status}, no complete answer: ${end.slice(-500)}`);
}

/** Whether a frame with some text in it has come. */
function hasText(piece: Buffer): boolean {
  return /"text": ?"[^"]/.test(piece.toString("latin1"));
}
