/** Fields that several endpoints take, as zod schemas. Ranges are those of the library (host/request.ts). */
import { z } from "zod";
import { MAX_LOGIT_BIASES, MAX_STOP_TOKEN_IDS, MAX_STOPS, REQUEST_FIELDS } from "../host/request.js";
import { DEFAULT_MAX_TOKENS, DEFAULT_SAMPLING } from "../scheduler/request.js";

/** The most answers (`n` × prompts) that one call may ask for. */
export const MAX_CHOICES = 128;

const INT32 = 2_147_483_647;
const fields = REQUEST_FIELDS;

export const tokenCount = fields.maxTokens;
export const userName = fields.user;

/**
 * Token ids, up to a whole body of them. Each is checked here: zod makes an object for every one that is wrong, which
 * takes seconds for a body full.
 */
export const tokenIds = z
  .array(z.any() as z.ZodType<number>)
  .superRefine((ids, context) => reportWrong(ids.entries(), isTokenId, `must be a token id, 0 to ${INT32}`, context))
  .meta({ items: { type: "integer", minimum: 0, maximum: INT32 } });

const isTokenId = (_index: unknown, id: unknown) =>
  Number.isInteger(id) && (id as number) >= 0 && (id as number) <= INT32;

const { minValue: minBias, maxValue: maxBias } = fields.bias;
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
    const isBias = (_token: string, bias: unknown) => fields.bias.safeParse(bias).success;
    reportWrong(entries, isBias, `must be a number from ${minBias} to ${maxBias}`, context);
  })
  .meta({
    type: "object",
    propertyNames: { pattern: tokenIdText.source },
    additionalProperties: { type: "number", minimum: minBias, maximum: maxBias },
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

export const optional = <T extends z.ZodType>(type: T, description: string) => type.optional().describe(description);

/** Fields that every generating endpoint takes: OpenAI's first, then vLLM's, then Sluice's own. */
export const sampling = {
  temperature: optional(fields.temperature, `0 is greedy; default ${DEFAULT_SAMPLING.temperature}`),
  top_p: optional(fields.topP, `Nucleus sampling; default ${DEFAULT_SAMPLING.topP}`),
  presence_penalty: optional(fields.presencePenalty, "Subtracted once from tokens that were generated before"),
  frequency_penalty: optional(fields.frequencyPenalty, "Subtracted per earlier occurrence in the output"),
  logit_bias: optional(logitBias, `Added to the logits: token id → bias; at most ${MAX_LOGIT_BIASES} entries`),
  seed: optional(fields.seed, "Same seed, prompt and settings: same tokens. The i-th of `n` answers uses seed + i"),
  stop: optional(
    z.union([fields.stopText, z.array(fields.stopText).max(MAX_STOPS)], {
      error: `must be a text or up to ${MAX_STOPS} texts of 1 to ${fields.stopText.maxLength} characters`,
    }),
    "Texts that end the output and are not part of it",
  ),
  stream: optional(z.boolean(), "Server-sent events instead of one JSON answer"),
  user: optional(userName, "Whom the `fair` order shares the engine between"),
  top_k: optional(
    z.int().min(-1).max(INT32),
    `Keep the k likeliest; −1 or 0 keeps all; default ${DEFAULT_SAMPLING.topK}`,
  ),
  min_p: optional(fields.minP, "Drop tokens less likely than this share of the likeliest"),
  repetition_penalty: optional(fields.repetitionPenalty, "> 1 makes tokens of prompt and output less likely"),
  ignore_eos: optional(fields.ignoreEos, "Do not stop at the end-of-text token"),
  min_tokens: optional(fields.minTokens, "No end of text before this many tokens"),
  stop_token_ids: optional(tokenIds.max(MAX_STOP_TOKEN_IDS), "Tokens that end the output"),
  priority: optional(fields.priority, "Lower is more urgent (order `priority`)"),
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
export const openai = {
  model: optional(z.string(), "One of the names that /v1/models lists; none: the model that is served"),
  n: optional(z.int().min(1).max(MAX_CHOICES), "Answers per prompt; they share the prompt's prefill"),
  stream_options: optional(streamOptions, "`include_usage`: a last chunk with the token counts"),
  response_format: optional(responseFormat, "Constrain the output to JSON or to a JSON schema"),
  ...sampling,
};

/** As OpenAI's API has it: nothing is to be said about a stream that is none. */
export const withStream = <
  Body extends z.ZodType<{ stream?: boolean | undefined; stream_options?: object | undefined }>,
>(
  body: Body,
) =>
  body.refine(({ stream, stream_options }) => stream_options === undefined || stream === true, {
    path: ["stream_options"],
    error: "only with stream: true",
  });

export const maxTokens = optional(
  tokenCount,
  `Most tokens to generate; default ${DEFAULT_MAX_TOKENS}, less where less fits`,
);

const textPart = z.strictObject({ type: z.literal("text"), text: z.string() });

const chatMessage = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]).describe("`developer` is treated as `system`"),
  content: z.union([z.string(), z.array(textPart).min(1)], { error: "must be a text or a list of text parts" }),
  name: z.string().nullish(),
  refusal: z.null().optional().describe("As answers carry it, so that they can be sent back"),
});

export const modelName = optional(z.string(), "Checked against the served names when given");

export const chatMessages = z.array(chatMessage).min(1).max(4096);

export type ChatMessage = z.infer<typeof chatMessage>;
export type ResponseFormat = z.infer<typeof responseFormat>;

/** The fields that all generating endpoints share. */
export type SamplingBody = z.infer<z.ZodObject<typeof sampling>>;
