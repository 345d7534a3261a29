/** Request bodies as zod schemas: the one source of checks, types and the OpenAPI page. */
import { z } from "zod";
import { DEFAULT_MAX_TOKENS, DEFAULT_SAMPLING } from "../scheduler/request.js";

/** The most answers (`n` × prompts) that one call may ask for. */
export const MAX_CHOICES = 128;

const MAX_TOKENS = 1_000_000;
const INT32 = 2_147_483_647;

const tokenCount = z.int().min(1).max(MAX_TOKENS);
/**
 * Token ids, up to a whole body of them. Each is checked here: zod makes an object for every one that is wrong, which
 * takes seconds for a body full.
 */
const tokenIds = z
  .array(z.any() as z.ZodType<number>)
  .superRefine((ids, context) => reportWrong(ids.entries(), isTokenId, `must be a token id, 0 to ${INT32}`, context))
  .meta({ items: { type: "integer", minimum: 0, maximum: INT32 } });

const isTokenId = (_index: unknown, id: unknown) =>
  Number.isInteger(id) && (id as number) >= 0 && (id as number) <= INT32;

const MAX_LOGIT_BIASES = 1024;
const MAX_BIAS = 100;
const tokenIdText = /^\d{1,9}$/;

const logitBias = (z.any() as z.ZodType<Record<string, number>>)
  .superRefine((biases: unknown, context) => {
    if (typeof biases !== "object" || biases === null || Array.isArray(biases)) {
      context.addIssue({ code: "custom", message: "must be an object: token id → bias" });
      return;
    }
    const entries = Object.entries(biases);
    if (entries.length > MAX_LOGIT_BIASES) {
      context.addIssue({ code: "custom", message: `at most ${MAX_LOGIT_BIASES} entries, got ${entries.length}` });
      return;
    }
    reportWrong(entries, (token) => tokenIdText.test(token), "must be a token id", context);
    const isBias = (_token: string, bias: unknown) => typeof bias === "number" && Math.abs(bias) <= MAX_BIAS;
    reportWrong(entries, isBias, `must be a number from -${MAX_BIAS} to ${MAX_BIAS}`, context);
  })
  .meta({
    type: "object",
    propertyNames: { pattern: tokenIdText.source },
    additionalProperties: { type: "number", minimum: -MAX_BIAS, maximum: MAX_BIAS },
  });

/** Most entries that a message names; more would only make work. */
const MAX_REPORTED = 100;

function reportWrong<Key extends PropertyKey>(
  entries: Iterable<readonly [Key, unknown]>,
  isRight: (key: Key, value: unknown) => boolean,
  message: string,
  context: z.core.$RefinementCtx,
): void {
  let reported = 0;
  for (const [key, value] of entries) {
    if (isRight(key, value)) continue;
    context.addIssue({ code: "custom", path: [key], message, continue: false });
    reported += 1;
    if (reported === MAX_REPORTED) return;
  }
}

const stopText = z.string().min(1).max(256);
const optional = <T extends z.ZodType>(type: T, description: string) => type.optional().describe(description);

/** Fields that every generating endpoint takes: OpenAI's first, then vLLM's, then Sluice's own. */
const sampling = {
  temperature: optional(z.number().min(0).max(2), `0 is greedy; default ${DEFAULT_SAMPLING.temperature}`),
  top_p: optional(z.number().gt(0).max(1), `Nucleus sampling; default ${DEFAULT_SAMPLING.topP}`),
  presence_penalty: optional(z.number().min(-2).max(2), "Subtracted once from tokens that were generated before"),
  frequency_penalty: optional(z.number().min(-2).max(2), "Subtracted per earlier occurrence in the output"),
  logit_bias: optional(logitBias, `Added to the logits: token id → bias; at most ${MAX_LOGIT_BIASES} entries`),
  seed: optional(z.int(), "Same seed, prompt and settings: same tokens. The i-th of `n` answers uses seed + i"),
  stop: optional(
    z.union([stopText, z.array(stopText).max(16)], {
      error: "must be a text or up to 16 texts of 1 to 256 characters",
    }),
    "Texts that end the output and are not part of it",
  ),
  stream: optional(z.boolean(), "Server-sent events instead of one JSON answer"),
  user: optional(z.string().max(256), "Whom the `fair` order shares the engine between"),
  top_k: optional(
    z.int().min(-1).max(INT32),
    `Keep the k likeliest; −1 or 0 keeps all; default ${DEFAULT_SAMPLING.topK}`,
  ),
  min_p: optional(z.number().min(0).max(1), "Drop tokens less likely than this share of the likeliest"),
  repetition_penalty: optional(z.number().gt(0).max(10), "> 1 makes tokens of prompt and output less likely"),
  ignore_eos: optional(z.boolean(), "Do not stop at the end-of-text token"),
  min_tokens: optional(z.int().min(0).max(MAX_TOKENS), "No end of text before this many tokens"),
  stop_token_ids: optional(tokenIds.max(64), "Tokens that end the output"),
  priority: optional(z.int().min(-INT32).max(INT32), "Lower is more urgent (order `priority`)"),
  timeout: optional(z.number().gt(0).max(86_400), "Seconds until the request fails with 504"),
  deadline_ms: optional(z.number().gt(0).max(86_400_000), "The same in milliseconds; the earlier of both counts"),
};

const streamOptions = z.strictObject({ include_usage: z.boolean().nullish() });

const responseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: z.string().max(64),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** What OpenAI's two endpoints share. */
const openai = {
  model: optional(z.string(), "One of the names that /v1/models lists; none: the model that is served"),
  n: optional(z.int().min(1).max(MAX_CHOICES), "Answers per prompt; they share the prompt's prefill"),
  stream_options: optional(streamOptions, "`include_usage`: a last chunk with the token counts"),
  response_format: optional(responseFormat, "Constrain the output to JSON or to a JSON schema"),
  ...sampling,
};

/** As OpenAI's API has it: nothing is to be said about a stream that is none. */
const withStream = <Body extends z.ZodType<{ stream?: boolean | undefined; stream_options?: object | undefined }>>(
  body: Body,
) =>
  body.refine(({ stream, stream_options }) => stream_options === undefined || stream === true, {
    path: ["stream_options"],
    error: "only with stream: true",
  });

const maxTokens = optional(tokenCount, `Most tokens to generate; default ${DEFAULT_MAX_TOKENS}, less where less fits`);

export const completionBody = withStream(
  z.strictObject({
    prompt: z.union(
      [
        z.string(),
        tokenIds.min(1),
        z.array(z.string()).min(1).max(MAX_CHOICES),
        z.array(tokenIds.min(1)).min(1).max(MAX_CHOICES),
      ],
      { error: `must be a text, a list of token ids, or 1 to ${MAX_CHOICES} of either` },
    ),
    max_tokens: maxTokens,
    logprobs: optional(
      z.int().min(0).max(20),
      "Log-probabilities of the drawn token and of this many of the likeliest",
    ),
    echo: optional(z.boolean(), "Put the prompt before the output"),
    ...openai,
  }),
);

const textPart = z.strictObject({ type: z.literal("text"), text: z.string() });

export const chatMessage = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]).describe("`developer` is treated as `system`"),
  content: z.union([z.string(), z.array(textPart).min(1)], { error: "must be a text or a list of text parts" }),
  name: z.string().nullish(),
  refusal: z.null().optional().describe("As answers carry it, so that they can be sent back"),
});

export const chatBody = withStream(
  z.strictObject({
    messages: z.array(chatMessage).min(1).max(4096),
    max_tokens: maxTokens,
    max_completion_tokens: optional(tokenCount, "OpenAI's newer name of max_tokens; it wins"),
    logprobs: optional(z.boolean(), "Return the drawn tokens' log-probabilities"),
    top_logprobs: optional(z.int().min(0).max(20), "And of this many of the likeliest; needs `logprobs`"),
    ...openai,
  }),
);

export const generateBody = z.strictObject({
  prompt: z.string(),
  max_new_tokens: maxTokens,
  ...sampling,
});

export const correctBody = z.strictObject({
  sentence: z.string().describe("One English sentence"),
  learner_id: optional(z.string().max(256), "Given back; the `fair` order shares the engine between learners"),
});

const modelName = optional(z.string(), "Checked against the served names when given");

export const tokenizeBody = z.union([
  z.strictObject({ model: modelName, prompt: z.string(), return_token_strs: z.boolean().optional() }),
  z.strictObject({
    model: modelName,
    messages: z.array(chatMessage).min(1).max(4096),
    add_generation_prompt: z.boolean().optional(),
    return_token_strs: z.boolean().optional(),
  }),
]);

export const detokenizeBody = z.strictObject({ model: modelName, tokens: tokenIds });

export type CompletionBody = z.infer<typeof completionBody>;
export type ChatBody = z.infer<typeof chatBody>;
export type ChatMessage = z.infer<typeof chatMessage>;
export type GenerateBody = z.infer<typeof generateBody>;
export type CorrectBody = z.infer<typeof correctBody>;
export type ResponseFormat = z.infer<typeof responseFormat>;

/** The fields that all generating endpoints share. */
export type SamplingBody = Pick<GenerateBody, keyof typeof sampling>;
