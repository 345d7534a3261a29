import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import type { Choice } from "../answer.js";
import { chatPrompt } from "../chat-prompt.js";
import type { ServerContext } from "../context.js";
import { chatLogprobs } from "../logprobs.js";
import { checkModel, planRequests, tokenizePrompts } from "../plan.js";
import { jsonText, respond, usageOf, type Wording } from "../respond.js";
import { type ChatBody, chatBody } from "../schemas.js";
import { sseFrame } from "../sse.js";
import { parseBody } from "../validate.js";

/** `POST /v1/chat/completions`. */
export function chatRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post("/v1/chat/completions", async (request, reply) => {
    const arrivalMs = context.clock.nowMs();
    const body = parseBody(chatBody, request.body);
    checkModel(context, body.model);
    const n = body.n ?? 1;
    context.admission.checkRoom(n, arrivalMs);
    const prompt = chatPrompt(context, body.messages, true);
    const id = `chatcmpl-${context.newId()}`;
    const requests = planRequests(context, await tokenizePrompts(context, [prompt], "messages"), {
      id,
      body,
      maxTokensField: body.max_completion_tokens === undefined ? "max_tokens" : "max_completion_tokens",
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      n,
      logprobs: wantedLogprobs(body),
      responseFormat: body.response_format,
      arrivalMs,
    });
    request.promptTexts = () => [prompt];
    return respond(context, request, reply, {
      requests,
      endpoint: "chat",
      arrivalMs,
      stream: body.stream === true,
      wording: chatWording(context, id, body),
    });
  });
}

function wantedLogprobs(body: ChatBody): number | undefined {
  if (body.logprobs === true) return body.top_logprobs ?? 0;
  if (body.top_logprobs === undefined || body.top_logprobs === 0) return undefined;
  throw new SluiceError("invalid_request", "top_logprobs: needs logprobs to be true.", { field: "top_logprobs" });
}

function chatWording(context: ServerContext, id: string, body: ChatBody): Wording {
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
    delta(index, text, entries) {
      if (text === "" && entries.length === 0) return opening(index);
      const logprobs = entries.length === 0 ? "null" : JSON.stringify(chatLogprobs(entries));
      return opening(index) + chunk(index, `{"content":${jsonText(text)}}`, logprobs, "null");
    },
    ending: ({ index, finished }) => opening(index) + chunk(index, "{}", "null", `"${finished.reason}"`),
    closing: (choices) =>
      includeUsage ? sseFrame(JSON.stringify({ ...head, choices: [], usage: usageOf(choices) })) : "",
    body: (choices) => ({
      ...head,
      object: "chat.completion",
      choices: choices.map((choice) => chatChoice(choice, body)),
      usage: usageOf(choices),
    }),
  };
}

function chatChoice(choice: Choice, body: ChatBody) {
  return {
    index: choice.index,
    message: { role: "assistant", content: choice.text, refusal: null },
    logprobs: body.logprobs === true ? chatLogprobs(choice.logprobs) : null,
    finish_reason: choice.finished.reason,
  };
}
