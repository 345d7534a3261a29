import type { Measurement, Sample, Sampling, Workload, WorkloadRequest } from "./peer.js";

/**
 * Drives an OpenAI-compatible server with a closed loop: enough to check a peer's set-up. Published figures come from
 * Sluice's own load client, which measures streams the same way for every server.
 */
export async function checkOverHttp(baseUrl: string, workload: Workload): Promise<Measurement> {
  const models = (await (await fetch(`${baseUrl}/v1/models`)).json()) as { data: { id: string }[] };
  const model = models.data[0]?.id ?? "";
  const samples: Sample[] = [];
  let next = 0;
  const client = async () => {
    for (let request = workload.requests[next++]; request; request = workload.requests[next++]) {
      samples.push(await complete(baseUrl, model, request, workload.sampling));
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: workload.concurrency }, client));
  return { wallMs: performance.now() - startMs, samples };
}

async function complete(baseUrl: string, model: string, request: WorkloadRequest, sampling: Sampling): Promise<Sample> {
  const sentMs = performance.now();
  const response = await fetch(`${baseUrl}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model,
      prompt: request.prompt,
      max_tokens: request.maxTokens,
      temperature: sampling.temperature,
      top_k: sampling.topK,
      top_p: sampling.topP,
      ignore_eos: true,
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  if (!response.ok || !response.body) throw new Error(`${baseUrl}: ${response.status} ${await response.text()}`);
  let ttftMs = 0;
  let tail = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    if (ttftMs === 0) ttftMs = performance.now() - sentMs;
    tail = (tail + chunk).slice(-2000);
  }
  const usage = tail.match(/"completion_tokens":\s*(\d+)/);
  if (!usage) throw new Error(`${baseUrl}: the stream ended without usage:\n${tail}`);
  return { ttftMs, latencyMs: performance.now() - sentMs, outputTokens: Number(usage[1]) };
}
