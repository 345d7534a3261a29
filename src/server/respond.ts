/** The one way in which every generating endpoint answers: submit, then collect or stream. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { SluiceError } from "../errors.js";
import type { Request, SampledLogprobs } from "../scheduler/request.js";
import { Answer, type Choice } from "./answer.js";
import type { ServerContext } from "./context.js";
import { errorBody } from "./errors.js";
import { SSE_DONE, SSE_HEADERS, SseStream, sinkOf, sseFrame } from "./sse.js";

/** How one endpoint words its answers. */
export interface Wording {
  /** Everything at once, for a client that does not stream. */
  body(choices: readonly Choice[]): object;
  /** Undefined: it does not stream. */
  readonly frames?: Frames;
}

/** Complete SSE frames; "" says nothing. */
export interface Frames {
  /** New text of one answer. Called for every token event, so it must be cheap. */
  delta(index: number, text: string, logprobs: readonly SampledLogprobs[]): string;
  /** One answer has ended. */
  ending(choice: Choice): string;
  /** All answers have ended; `[DONE]` follows. */
  closing(choices: readonly Choice[]): string;
}

export interface Job {
  readonly requests: readonly Request[];
  readonly endpoint: string;
  readonly arrivalMs: number;
  readonly stream: boolean;
  readonly wording: Wording;
}

/** Submits a job and answers. A client that goes away cancels it. */
export async function respond(context: ServerContext, request: FastifyRequest, reply: FastifyReply, job: Job) {
  if (reply.raw.destroyed) throw clientGone();
  const { frames } = job.wording;
  if (job.stream && frames !== undefined) return stream(context, request, reply, job, frames);
  const choices = await collect(context, reply, job);
  request.outcome = summary(choices);
  return job.wording.body(choices);
}

/** Runs a job to its end and returns its answers. */
function collect(context: ServerContext, reply: FastifyReply, job: Job) {
  return new Promise<readonly Choice[]>((resolve, reject) => {
    const answer = new Answer(context.traffic, { done: resolve, failed: reject });
    reply.raw.once("close", () => {
      answer.cancel();
      reject(clientGone());
    });
    answer.start(job.requests, job.endpoint, job.arrivalMs);
  });
}

function clientGone(): SluiceError {
  return new SluiceError("cancelled", "The client went away.");
}

function stream(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  job: Job,
  frames: Frames,
): FastifyReply {
  reply.hijack();
  const raw = reply.raw;
  const failed = (error: SluiceError) => {
    request.outcome = { error: error.code };
    sse.end(sseFrame(JSON.stringify(errorBody(error))) + SSE_DONE);
  };
  const answer = new Answer(context.traffic, {
    tokens: (index, event) => sse.send(frames.delta(index, event.text, event.logprobs)),
    ended: (choice) => sse.send(frames.ending(choice)),
    done: (choices) => {
      request.outcome = summary(choices);
      sse.end(frames.closing(choices) + SSE_DONE);
    },
    failed,
  });
  raw.writeHead(200, { ...headersOf(reply), ...SSE_HEADERS });
  raw.flushHeaders();
  const sse = new SseStream(sinkOf(raw), context.flusher, {
    maxBufferBytes: context.settings.maxStreamBufferBytes,
    onOverflow: () => {
      request.outcome = { error: "slow_reader" };
      answer.cancel();
    },
  });
  raw.once("close", () => answer.cancel());
  answer.start(job.requests, job.endpoint, job.arrivalMs);
  return reply;
}

function headersOf(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) headers[name] = String(value);
  return headers;
}

/** What a request came to, for its line in the log. */
export interface Outcome {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly error?: string;
}

function summary(choices: readonly Choice[]): Outcome {
  const usage = usageOf(choices);
  return { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens };
}

/** OpenAI's token counts: a prompt counts once, however many answers it got. */
export function usageOf(choices: readonly Choice[], n = choices.length) {
  let promptTokens = 0;
  let completionTokens = 0;
  let cachedTokens = 0;
  for (const { index, finished } of choices) {
    completionTokens += finished.completionTokens;
    if (index % n !== 0) continue;
    promptTokens += finished.promptTokens;
    cachedTokens += finished.reusedTokens;
  }
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

/** Text as it stands inside a JSON string, quotes included. */
export const jsonText = JSON.stringify as (text: string) => string;
