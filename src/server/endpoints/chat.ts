import { z } from "zod";
import { SluiceError } from "../../errors.js";
import { REQUEST_FIELDS } from "../../host/request.js";
import type { Choice } from "../answer.js";
import { chatLogprobsAnswer, chunkUsage, finishReason, head, usage } from "../answers.js";
import type { ServerContext } from "../context.js";
import { generating } from "../door.js";
import { chatLogprobs } from "../logprobs.js";
import { jsonText, usageOf, type Wording } from "../respond.js";
import { chatMessages, maxTokens, openai, optional, tokenCount, withStream } from "../schemas.js";
import { sseFrame } from "../sse.js";
import { JSON_TYPE, SSE_TYPE } from "./endpoint.js";

const body = withStream(
  z.strictObject({
    messages: chatMessages,
    max_tokens: maxTokens,
    max_completion_tokens: optional(tokenCount, "OpenAI's newer name of max_tokens; it wins"),
    logprobs: optional(z.boolean(), "Return the drawn tokens' log-probabilities"),
    top_logprobs: optional(REQUEST_FIELDS.logprobs, "And of this many of the likeliest; needs `logprobs`"),
    ...openai,
  }),
);

type Body = z.infer<typeof body>;

const answeredMessage = z.strictObject({ role: z.literal("assistant"), content: z.string(), refusal: z.null() });
const delta = z.strictObject({ role: z.literal("assistant").optional(), content: z.string().optional() });
const choice = { index: z.int(), logprobs: chatLogprobsAnswer.nullable() };

/** `POST /v1/chat/completions`. */
export const chat = generating({
  path: "/v1/chat/completions",
  summary: "Answer a conversation",
  name: "chat",
  idPrefix: "chatcmpl",
  body,
  answers: {
    [JSON_TYPE]: z.strictObject({
      ...head("chat.completion"),
      choices: z.array(z.strictObject({ ...choice, message: answeredMessage, finish_reason: finishReason })),
      usage,
    }),
    [SSE_TYPE]: z.strictObject({
      ...head("chat.completion.chunk"),
      choices: z.array(z.strictObject({ ...choice, delta, finish_reason: finishReason.nullable() })),
      usage: chunkUsage,
    }),
  },
  ask: ({ context, body }) => ({
    prompts: [context.chats.of(body.messages, true)],
    promptField: "messages",
    sampling: body,
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
    maxTokensField: body.max_completion_tokens === undefined ? "max_tokens" : "max_completion_tokens",
    n: body.n,
    logprobs: wantedLogprobs(body),
    responseFormat: body.response_format,
  }),
  wording: ({ context, body }, _ask, id) => chatWording(context, id, body),
});

function wantedLogprobs(body: Body): number | undefined {
  if (body.logprobs === true) return body.top_logprobs ?? 0;
  if (body.top_logprobs === undefined || body.top_logprobs === 0) return undefined;
  throw new SluiceError("invalid_request", "top_logprobs: needs logprobs to be true.", { field: "top_logprobs" });
}

function chatWording(context: ServerContext, id: string, body: Body): Wording {
  const created = Math.floor(Date.now() / 1000);
  const model = body.model ?? context.modelNames[0];
  const includeUsage = body.stream_options?.include_usage === true;
  const head = { id, object: "chat.completion.chunk", created, model };
  const usageTail = includeUsage ? ',"usage":null}' : "}";
  const start = `${JSON.stringify(head).slice(0, -1)},"choices":[{"index":`;
  const chunk = (index: number, delta: string, logprobs: string, reason: string) =>
    sseFrame(`${start}${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":${reason}}]${usageTail}`);
  const begun = new Set<number>();
  const opening = (index: number) => {
    if (begun.has(index)) return "";
    begun.add(index);
    return chunk(index, '{"role":"assistant","content":""}', "null", "null");
  };
  return {
    frames: {
      delta(index, text, entries) {
        if (text === "" && entries.length === 0) return opening(index);
        const logprobs = entries.length === 0 ? "null" : JSON.stringify(chatLogprobs(entries));
        return opening(index) + chunk(index, `{"content":${jsonText(text)}}`, logprobs, "null");
      },
      ending: ({ index, finished }) => opening(index) + chunk(index, "{}", "null", `"${finished.reason}"`),
      closing: (choices) =>
        includeUsage ? sseFrame(JSON.stringify({ ...head, choices: [], usage: usageOf(choices) })) : "",
    },
    body: (choices) => ({
      ...head,
      object: "chat.completion",
      choices: choices.map((choice) => chatChoice(choice, body)),
      usage: usageOf(choices),
    }),
  };
}

function chatChoice(choice: Choice, body: Body) {
  return {
    index: choice.index,
    message: { role: "assistant", content: choice.text, refusal: null },
    logprobs: body.logprobs === true ? chatLogprobs(choice.logprobs) : null,
    finish_reason: choice.finished.reason,
  };
}
