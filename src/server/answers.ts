/** Pieces of answers as zod schemas, for the OpenAPI page and the tests that hold answers to it. */
import { z } from "zod";

const count = z.int().min(0);

export const finishReason = z.enum(["stop", "length"]);

export const usage = z.strictObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.strictObject({ cached_tokens: count }),
});

/** The scheduler's own figures of a request. */
export const figures = z.strictObject({
  id: z.string(),
  finish_reason: finishReason,
  prompt_tokens: count,
  completion_tokens: count,
  queue_s: z.number().nullable(),
  ttft_s: z.number().nullable(),
  latency_s: z.number().nullable(),
  batch: count.describe("The batch in which it started"),
  batch_size: count.describe("Sequences that ran in it"),
});

const tokenLogprob = { token: z.string(), logprob: z.number(), bytes: z.array(z.int()) };

export const chatLogprobsAnswer = z.strictObject({
  content: z.array(z.strictObject({ ...tokenLogprob, top_logprobs: z.array(z.strictObject(tokenLogprob)) })),
  refusal: z.null(),
});

export const completionLogprobsAnswer = z.strictObject({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number()),
  top_logprobs: z.array(z.record(z.string(), z.number())),
  text_offset: z.array(count).describe("Characters before the token"),
});

/** What OpenAI's answers begin with; `object` says which they are. */
export function head<Name extends string>(object: Name) {
  return { id: z.string(), object: z.literal(object), created: z.int().describe("Unix time"), model: z.string() };
}

/** Of a chunk: only the last has counts, and only where `stream_options` asks for them. */
export const chunkUsage = usage.nullish();
