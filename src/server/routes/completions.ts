import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import type { Choice } from "../answer.js";
import type { ServerContext } from "../context.js";
import { CompletionLogprobs } from "../logprobs.js";
import { checkModel, planRequests, tokenizePrompts } from "../plan.js";
import { jsonText, respond, usageOf, type Wording } from "../respond.js";
import { type CompletionBody, completionBody } from "../schemas.js";
import { sseFrame } from "../sse.js";
import { parseBody } from "../validate.js";

/** `POST /v1/completions`. */
export function completionRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post("/v1/completions", async (request, reply) => {
    const arrivalMs = context.clock.nowMs();
    const body = parseBody(completionBody, request.body);
    checkModel(context, body.model);
    checkEcho(body);
    const given = promptList(body.prompt);
    const n = body.n ?? 1;
    context.admission.checkRoom(given.length * n, arrivalMs);
    const prompts = await tokensOf(context, given);
    const id = `cmpl-${context.newId()}`;
    const requests = planRequests(context, prompts, {
      id,
      body,
      maxTokensField: "max_tokens",
      maxTokens: body.max_tokens,
      n,
      logprobs: body.logprobs,
      responseFormat: body.response_format,
      arrivalMs,
    });
    const echoes = body.echo === true ? given.map((prompt) => textOf(context, prompt)) : [];
    const wording = completionWording(context, id, body, echoes);
    request.promptTexts = () => given.map((prompt) => textOf(context, prompt));
    return respond(context, request, reply, {
      requests,
      endpoint: "completions",
      arrivalMs,
      stream: body.stream === true,
      wording,
    });
  });
}

type Prompt = string | number[];

function promptList(prompt: CompletionBody["prompt"]): Prompt[] {
  if (typeof prompt === "string") return [prompt];
  return typeof prompt[0] === "number" ? [prompt as number[]] : (prompt as Prompt[]);
}

async function tokensOf(context: ServerContext, prompts: readonly Prompt[]): Promise<number[][]> {
  const texts = prompts.filter((prompt) => typeof prompt === "string");
  const tokens = (await tokenizePrompts(context, texts, "prompt")).values();
  return prompts.map((prompt) => (typeof prompt === "string" ? tokens.next().value! : prompt));
}

function textOf(context: ServerContext, prompt: Prompt): string {
  return typeof prompt === "string" ? prompt : context.host.detokenize(prompt);
}

function checkEcho(body: CompletionBody): void {
  if (body.echo !== true || body.logprobs === undefined) return;
  throw new SluiceError(
    "unsupported_field",
    "echo: log-probabilities of the prompt are not computed; drop one of both.",
    {
      field: "echo",
    },
  );
}

function completionWording(context: ServerContext, id: string, body: CompletionBody, echoes: string[]): Wording {
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
    body: (choices) => ({
      ...head,
      choices: choices.map((choice) => completionChoice(choice, body, echoOf(choice.index))),
      usage: usageOf(choices, n),
    }),
  };
}

function completionChoice(choice: Choice, body: CompletionBody, echo: string) {
  return {
    index: choice.index,
    text: echo + choice.text,
    logprobs:
      body.logprobs === undefined ? null : new CompletionLogprobs().of(choice.logprobs, [...choice.text].length),
    finish_reason: choice.finished.reason,
  };
}
