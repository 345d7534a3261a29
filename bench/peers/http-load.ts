import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import { driveWorkload } from "./pacing.mjs";
import type { Measurement, Sample, Sampling, Workload, WorkloadRequest } from "./peer.js";

const STALL_TIMEOUT_MS = 120_000;
/** As many pieces of an answer's end as may hold the frame with the usage. */
const KEPT_PIECES = 8;

/**
 * Measures a server by streamed completions over connections that are kept. Every server is measured by this same code.
 *
 * It shares the cores with the server, and every microsecond it takes there is missing from the server's compute threads.
 * So it looks at the text of an answer only until the first token has come and at its end, where the usage stands, and
 * parses nothing in between.
 */
export async function measureOverHttp(baseUrl: string, workload: Workload): Promise<Measurement> {
  const agent = new Agent({ keepAlive: true });
  const model = await servedModel(baseUrl);
  try {
    return await driveWorkload(workload, (request, i) =>
      complete(agent, baseUrl, bodyOf(model, request, workload.sampling, i + 1)),
    );
  } finally {
    agent.destroy();
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

function complete(agent: Agent, baseUrl: string, body: string, sentMs = performance.now()): Promise<Sample> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${baseUrl}/v1/completions`, { method: "POST", agent, headers });
    let answered = false;
    request.setNoDelay(true);
    request.setTimeout(STALL_TIMEOUT_MS, () => request.destroy(new Error(`${baseUrl} sent nothing for two minutes`)));
    request.on("error", (error: NodeJS.ErrnoException) => {
      // The server had closed the idle connection before this request reached it: it goes out on another.
      const stale = request.reusedSocket && !answered && error.code === "ECONNRESET";
      if (stale) resolve(complete(agent, baseUrl, body, sentMs));
      else reject(new Error(`${baseUrl}: ${error.message}`, { cause: error }));
    });
    request.on("response", (response) => {
      answered = true;
      readAnswer(response, sentMs, resolve, reject);
    });
    request.end(body);
  });
}

function readAnswer(
  response: IncomingMessage,
  sentMs: number,
  resolve: (sample: Sample) => void,
  reject: (error: Error) => void,
): void {
  let ttftMs = Number.NaN;
  const tail: Buffer[] = [];
  response.on("data", (piece: Buffer) => {
    if (Number.isNaN(ttftMs) && hasText(piece)) ttftMs = performance.now() - sentMs;
    if (tail.push(piece) > KEPT_PIECES) tail.shift();
  });
  response.on("error", reject);
  response.on("end", () => {
    const latencyMs = performance.now() - sentMs;
    const end = Buffer.concat(tail).toString("latin1");
    const outputTokens = Number(/"completion_tokens": ?(\d+)/.exec(end)?.[1]);
    if (response.statusCode === 200 && outputTokens > 0) resolve({ ttftMs, latencyMs, outputTokens });
    else reject(new Error(`status ${response.statusCode}, no complete answer: ${end.slice(0, 500)}`));
  });
}

/** Whether a frame with some text in it has come. */
function hasText(piece: Buffer): boolean {
  return /"text": ?"[^"]/.test(piece.toString("latin1"));
}
