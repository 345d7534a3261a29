/**
 * A mob of clients for one server: random prompts and lengths, some that hang up, some that send nonsense, all that come
 * back when they are told to. Used by `npm run soak` and, smaller, by the test suite.
 */
import { Random } from "../src/random.js";

export interface MobOptions {
  readonly url: string;
  readonly clients: number;
  readonly requests: number;
  readonly seed: number;
  /** Longest answer in tokens. */
  readonly maxTokens: number;
  /** Shares of requests that hang up at a random moment, and that are invalid. */
  readonly disconnectShare: number;
  readonly invalidShare: number;
  /** Called after every request. */
  readonly onProgress?: (done: number) => void;
}

export interface MobReport {
  valid: number;
  disconnected: number;
  invalid: number;
  /** Times that a client was told to come back later. */
  refused: number;
  completionTokens: number;
  /** One line for each thing that was not as it should be. */
  readonly faults: string[];
}

const WORDS = "river stone light winter open seven market green music paper under after ocean small engine".split(" ");
const MAX_ATTEMPTS = 50;

/** What no server may accept. */
const NONSENSE: readonly unknown[] = [
  {},
  { prompt: "" },
  { prompt: "a", max_tokens: -1 },
  { prompt: "a", max_tokens: 1e9 },
  { prompt: "a", temperature: "hot" },
  { prompt: "a", model: "nobody" },
  { prompt: "a", tokens: 3 },
  { prompt: { text: "a" } },
  { prompt: "a".repeat(400_000) },
];

/** Sends everything and returns what happened. */
export async function runMob(options: MobOptions): Promise<MobReport> {
  const report: MobReport = { valid: 0, disconnected: 0, invalid: 0, refused: 0, completionTokens: 0, faults: [] };
  let next = 0;
  const client = async () => {
    while (next < options.requests) {
      const index = next++;
      await oneRequest(options, new Random(options.seed + index), report).catch((error: unknown) => {
        report.faults.push(`request ${index}: ${String(error)}`);
      });
      options.onProgress?.(index + 1);
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  return report;
}

async function oneRequest(options: MobOptions, random: Random, report: MobReport): Promise<void> {
  const kind = random.uniform();
  if (kind < options.invalidShare) return sendNonsense(options, random, report);
  const body = {
    prompt: Array.from({ length: random.integer(1, 40) }, () => WORDS[random.integer(0, WORDS.length - 1)]).join(" "),
    max_tokens: random.integer(1, options.maxTokens),
    ignore_eos: true,
    seed: random.integer(0, 1_000_000),
  };
  if (kind < options.invalidShare + options.disconnectShare) return hangUp(options, body, random, report);
  if (random.uniform() < 0.5) await readStream(options, body, report);
  else await readWhole(options, body, report);
  report.valid += 1;
}

interface Body {
  readonly max_tokens: number;
}

async function sendNonsense({ url }: MobOptions, random: Random, report: MobReport): Promise<void> {
  const response = await post(url, NONSENSE[random.integer(0, NONSENSE.length - 1)], undefined);
  const { error } = (await response.json()) as { error?: { code?: string } };
  const refused = response.status === 400 || response.status === 404 || response.status === 503;
  if (!refused || error?.code === undefined) report.faults.push(`nonsense was answered with ${response.status}`);
  report.invalid += 1;
}

async function readWhole(options: MobOptions, body: Body, report: MobReport): Promise<void> {
  const response = await postUntilTaken(options, body, report);
  const answer = (await response.json()) as { usage?: { completion_tokens: number } };
  check(body, response.status, answer.usage?.completion_tokens, report);
}

async function readStream(options: MobOptions, body: Body, report: MobReport): Promise<void> {
  const streamed = { ...body, stream: true, stream_options: { include_usage: true } };
  const response = await postUntilTaken(options, streamed, report);
  const text = await response.text();
  if (!text.endsWith("data: [DONE]\n\n")) report.faults.push(`a stream ended without [DONE]: ${text.slice(-80)}`);
  const usage = /"completion_tokens":(\d+)/.exec(text)?.[1];
  check(body, response.status, usage === undefined ? undefined : Number(usage), report);
}

function check(body: Body, status: number, completionTokens: number | undefined, report: MobReport): void {
  report.completionTokens += completionTokens ?? 0;
  if (status === 200 && completionTokens === body.max_tokens) return;
  report.faults.push(`status ${status} with ${completionTokens} tokens of ${body.max_tokens}`);
}

/** Goes away before the answer, between headers and first token, or in the middle. */
async function hangUp({ url }: MobOptions, body: Body, random: Random, report: MobReport): Promise<void> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), random.integer(0, 400));
  const chunksToRead = random.integer(0, body.max_tokens);
  try {
    const response = await post(url, { ...body, stream: true }, abort.signal);
    const reader = response.body!.getReader();
    for (let read = 0; read < chunksToRead && !(await reader.read()).done; read++);
    abort.abort();
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  clearTimeout(timer);
  report.disconnected += 1;
}

/** Comes back as told for as long as the queue is full. */
async function postUntilTaken({ url }: MobOptions, body: unknown, report: MobReport): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await post(url, body, undefined);
    if (response.status !== 503 || attempt === MAX_ATTEMPTS) return response;
    const retryAfterS = Number(response.headers.get("retry-after"));
    await response.arrayBuffer();
    report.refused += 1;
    if (!(retryAfterS >= 1))
      throw new Error(`503 without a useful Retry-After: ${response.headers.get("retry-after")}`);
    await new Promise((resolve) => setTimeout(resolve, retryAfterS * 1000));
  }
}

function post(url: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}
