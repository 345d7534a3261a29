import { z } from "zod";
import { SluiceError } from "../../errors.js";
import { REQUEST_FIELDS } from "../../host/request.js";
import type { Choice } from "../answer.js";
import { chunkUsage, completionLogprobsAnswer, finishReason, head, usage } from "../answers.js";
import type { ServerContext } from "../context.js";
import { generating } from "../door.js";
import { CompletionLogprobs } from "../logprobs.js";
import { type Prompt, textsOf } from "../plan.js";
import { jsonText, usageOf, type Wording } from "../respond.js";
import { MAX_CHOICES, maxTokens, openai, optional, tokenIds, withStream } from "../schemas.js";
import { sseFrame } from "../sse.js";
import { JSON_TYPE, SSE_TYPE } from "./endpoint.js";

const body = withStream(
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
      REQUEST_FIELDS.logprobs,
      "Log-probabilities of the drawn token and of this many of the likeliest",
    ),
    echo: optional(z.boolean(), "Put the prompt before the output"),
    ...openai,
  }),
);

type Body = z.infer<typeof body>;

const choice = {
  index: z.int(),
  text: z.string(),
  logprobs: completionLogprobsAnswer.nullable(),
};

/** `POST /v1/completions`. */
export const completions = generating({
  path: "/v1/completions",
  summary: "Complete a prompt",
  name: "completions",
  idPrefix: "cmpl",
  body,
  answers: {
    [JSON_TYPE]: z.strictObject({
      ...head("text_completion"),
      choices: z.array(z.strictObject({ ...choice, finish_reason: finishReason })),
      usage,
    }),
    [SSE_TYPE]: z.strictObject({
      ...head("text_completion"),
      choices: z.array(z.strictObject({ ...choice, finish_reason: finishReason.nullable() })),
      usage: chunkUsage,
    }),
  },
  choices: ({ prompt, n = 1 }) => promptsOf(prompt).length * n,
  ask({ body }) {
    if (body.echo === true && body.logprobs !== undefined) {
      const message = "echo: log-probabilities of the prompt are not computed; drop one of both.";
      throw new SluiceError("unsupported_field", message, { field: "echo" });
    }
    return {
      prompts: promptsOf(body.prompt),
      promptField: "prompt",
      sampling: body,
      maxTokens: body.max_tokens,
      maxTokensField: "max_tokens",
      n: body.n,
      logprobs: body.logprobs,
      responseFormat: body.response_format,
    };
  },
  wording: ({ context, body }, { prompts }, id) =>
    completionWording(context, id, body, body.echo === true ? textsOf(context, prompts) : []),
});

function promptsOf(prompt: Body["prompt"]): Prompt[] {
  if (typeof prompt === "string") return [prompt];
  return typeof prompt[0] === "number" ? [prompt as number[]] : (prompt as Prompt[]);
}

function completionWording(context: ServerContext, id: string, body: Body, echoes: readonly string[]): Wording {
  const n = body.n ?? 1;
  const created = Math.floor(Date.now() / 1000);
  const head = { id, object: "text_completion", created, model: body.model ?? context.modelNames[0] };
  const usageTail = body.stream_options?.include_usage ? ',"usage":null}' : "}";
  const start = `${JSON.stringify(head).slice(0, -1)},"choices":[{"index":`;
  const logprobs: CompletionLogprobs[] = [];
  const chunk = (index: number, text: string, entries: string, reason: string) =>
    sseFrame(`${start}${index},"text":${jsonText(text)},"logprobs":${entries},"finish_reason":${reason}}]${usageTail}`);
  const begun = new Set<number>();
  const echoOf = (index: number) => echoes[Math.floor(index / n)] ?? "";
  const echoOnce = (index: number) => {
    if (begun.has(index)) return "";
    begun.add(index);
    return echoOf(index);
  };
  return {
    frames: {
      delta(index, text, entries) {
        const whole = echoOnce(index) + text;
        if (whole === "" && entries.length === 0) return "";
        if (body.logprobs === undefined) return chunk(index, whole, "null", "null");
        logprobs[index] ??= new CompletionLogprobs();
        return chunk(index, whole, JSON.stringify(logprobs[index].of(entries)), "null");
      },
      ending: ({ index, finished }) => chunk(index, echoOnce(index), "null", `"${finished.reason}"`),
      closing: (choices) =>
        body.stream_options?.include_usage
          ? sseFrame(JSON.stringify({ ...head, choices: [], usage: usageOf(choices, n) }))
          : "",
    },
    body: (choices) => ({
      ...head,
      choices: choices.map((choice) => completionChoice(choice, body, echoOf(choice.index))),
      usage: usageOf(choices, n),
    }),
  };
}

function completionChoice({ index, text, logprobs, finished }: Choice, body: Body, echo: string) {
  return {
    index,
    text: echo + text,
    logprobs: body.logprobs === undefined ? null : new CompletionLogprobs().of(logprobs, [...text].length),
    finish_reason: finished.reason,
  };
}
