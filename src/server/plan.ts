/** From a checked body to requests as the scheduler takes them. */
import { SluiceError } from "../errors.js";
import { whyItNeverFits } from "../scheduler/intake.js";
import {
  DEFAULT_MAX_TOKENS,
  DEFAULT_SAMPLING,
  type Grammar,
  type Request,
  type SamplingParams,
} from "../scheduler/request.js";
import { type PromptText, plainText } from "../text/markers.js";
import type { ServerContext } from "./context.js";
import type { ResponseFormat, SamplingBody } from "./schemas.js";
import { listOf } from "./validate.js";

/** A text can be shorter than one token per this many characters only if it is noise: too long without tokenizing. */
const MAX_CHARS_PER_TOKEN = 128;

/** A prompt as clients give it: a text, or the ids of its tokens. */
export type Prompt = PromptText | readonly number[];

/** What one HTTP request asks of the engine. */
export interface Ask {
  readonly prompts: readonly Prompt[];
  /** The body's own name of its prompts, for messages. */
  readonly promptField: string;
  /** What the log shows of the prompts, if it is to show them; their texts unless given. */
  readonly shown?: readonly string[];
  readonly sampling: SamplingBody;
  /** Undefined: the default, or what fits. */
  readonly maxTokens: number | undefined;
  /** The body's own name of `max_tokens`, for messages. */
  readonly maxTokensField: string;
  /** Answers per prompt; 1 unless given. */
  readonly n?: number | undefined;
  readonly logprobs?: number | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
}

/** @throws SluiceError `model_not_found` */
export function checkModel(context: ServerContext, model: string | undefined): void {
  if (model === undefined || context.modelNames.includes(model)) return;
  const served = context.modelNames.join(", ");
  throw new SluiceError(
    "model_not_found",
    `The model "${model.slice(0, 200)}" is not served here; this is: ${served}.`,
    {
      field: "model",
    },
  );
}

/** Texts that are longer together are tokenized in another thread: they would hold up every other client. */
const ASIDE_CHARS = 8192;

/** Prompts as texts. */
export function textsOf({ host }: ServerContext, prompts: readonly Prompt[]): string[] {
  return prompts.map((prompt) => (isTokens(prompt) ? host.detokenize(prompt) : plainText(prompt)));
}

function isTokens(prompt: Prompt): prompt is readonly number[] {
  return typeof prompt !== "string" && typeof prompt[0] !== "object";
}

/**
 * Tokenizes what is a text; special markers in it count as such, in a text of pieces where the pieces say so.
 *
 * @throws SluiceError `context_length_exceeded` without tokenizing what cannot fit
 */
export async function tokenizePrompts(
  { host }: ServerContext,
  prompts: readonly Prompt[],
  field: string,
): Promise<(readonly number[])[]> {
  const { contextSize } = host.info;
  let chars = 0;
  for (const prompt of prompts) {
    if (isTokens(prompt)) continue;
    const { length } = plainText(prompt);
    chars += length;
    if (length <= contextSize * MAX_CHARS_PER_TOKEN) continue;
    throw new SluiceError(
      "context_length_exceeded",
      `${field}: ${length} characters cannot fit into a context of ${contextSize} tokens.`,
      { field },
    );
  }
  const tokenize = (text: PromptText) =>
    chars <= ASIDE_CHARS ? host.tokenize(text, true) : host.tokenizeAside(text, true);
  return Promise.all(prompts.map((prompt) => (isTokens(prompt) ? prompt : tokenize(prompt))));
}

/**
 * Requests for every prompt × n, prompt by prompt. Nothing is submitted.
 *
 * @throws SluiceError `invalid_request`, `context_length_exceeded`, `unsupported_field`
 */
export async function planRequests(
  context: ServerContext,
  prompts: readonly (readonly number[])[],
  ask: Ask,
  { id, arrivalMs, signal }: { readonly id: string; readonly arrivalMs: number; readonly signal: AbortSignal },
): Promise<Request[]> {
  const sampling = toSampling(context, ask);
  const { sampling: body, n = 1 } = ask;
  const shared = {
    priority: body.priority ?? 0,
    user: body.user ?? "",
    deadlineMs: deadlineMs(body, arrivalMs),
  };
  const firstSeed = body.seed ?? context.seeds.integer(0, 0x7fffffff);
  const lengths = prompts.map((promptTokens) => {
    checkTokenIds(context, promptTokens, "prompt");
    return fitMaxTokens(context, promptTokens, ask);
  });
  const grammar = await toGrammar(context, ask.responseFormat, signal);
  return prompts.flatMap((promptTokens, prompt) => {
    const maxTokens = lengths[prompt]!;
    return Array.from({ length: n }, (_, answer) => ({
      ...shared,
      id: `${id}-${prompt * n + answer}`,
      promptTokens,
      maxTokens,
      sampling: { ...sampling, grammar, seed: (firstSeed + answer) | 0 },
    }));
  });
}

function deadlineMs(body: SamplingBody, arrivalMs: number): number {
  const timeoutMs = (body.timeout ?? Number.POSITIVE_INFINITY) * 1000;
  return arrivalMs + Math.min(timeoutMs, body.deadline_ms ?? Number.POSITIVE_INFINITY);
}

function fitMaxTokens(context: ServerContext, promptTokens: readonly number[], ask: Ask): number {
  const { contextSize } = context.host.info;
  const count = promptTokens.length;
  const maxTokens = ask.maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, Math.max(1, contextSize - count));
  const misfit = whyItNeverFits({ promptTokens, maxTokens }, contextSize);
  // The same in the words of the body.
  if (misfit?.code === "context_length_exceeded") {
    throw new SluiceError(
      misfit.code,
      `The prompt has ${count} tokens and ${ask.maxTokensField} is ${maxTokens}; together they exceed the context of ${contextSize} tokens.`,
      { field: count >= contextSize ? "prompt" : ask.maxTokensField },
    );
  }
  if (misfit !== undefined) throw new SluiceError(misfit.code, "prompt: it has no tokens.", { field: "prompt" });
  if ((ask.sampling.min_tokens ?? 0) > maxTokens) {
    throw new SluiceError("invalid_request", `min_tokens: must not exceed ${ask.maxTokensField} (${maxTokens}).`, {
      field: "min_tokens",
    });
  }
  return maxTokens;
}

function toSampling(context: ServerContext, ask: Ask): SamplingParams {
  const { sampling: body } = ask;
  const stopTokenIds = body.stop_token_ids ?? [];
  checkTokenIds(context, stopTokenIds, "stop_token_ids");
  return {
    temperature: body.temperature ?? DEFAULT_SAMPLING.temperature,
    topK: Math.max(0, body.top_k ?? DEFAULT_SAMPLING.topK),
    topP: body.top_p ?? DEFAULT_SAMPLING.topP,
    minP: body.min_p ?? DEFAULT_SAMPLING.minP,
    repetitionPenalty: body.repetition_penalty ?? DEFAULT_SAMPLING.repetitionPenalty,
    presencePenalty: body.presence_penalty ?? DEFAULT_SAMPLING.presencePenalty,
    frequencyPenalty: body.frequency_penalty ?? DEFAULT_SAMPLING.frequencyPenalty,
    logitBias: toLogitBias(context, body.logit_bias),
    seed: 0,
    logprobs: ask.logprobs,
    ignoreEos: body.ignore_eos ?? DEFAULT_SAMPLING.ignoreEos,
    minTokens: body.min_tokens ?? DEFAULT_SAMPLING.minTokens,
    stop: typeof body.stop === "string" ? [body.stop] : (body.stop ?? []),
    stopTokenIds,
    grammar: undefined,
  };
}

function toLogitBias(context: ServerContext, biases: Record<string, number> | undefined) {
  if (biases === undefined) return undefined;
  const entries = Object.entries(biases).map(([token, bias]): [number, number] => [Number(token), bias]);
  checkTokenIds(
    context,
    entries.map(([token]) => token),
    "logit_bias",
  );
  return Object.fromEntries(entries);
}

/** @throws SluiceError `invalid_request` when a token is outside the vocabulary */
export function checkTokenIds(context: ServerContext, tokens: readonly number[], field: string): void {
  const { vocabularySize } = context.host.info;
  const wrong = tokens.filter((token) => token >= vocabularySize);
  if (wrong.length === 0) return;
  const what = wrong.length === 1 ? `token ${wrong[0]} is not one` : `tokens ${listOf(wrong)} are not`;
  throw new SluiceError("invalid_request", `${field}: ${what} of the vocabulary's ${vocabularySize}.`, { field });
}

async function toGrammar(
  context: ServerContext,
  format: ResponseFormat | undefined,
  signal: AbortSignal,
): Promise<Grammar | undefined> {
  if (format === undefined || format.type === "text") return undefined;
  const { model, grammar } = context.host.info;
  if (!grammar) {
    throw new SluiceError(
      "unsupported_field",
      `response_format: the model ${model} cannot hold its output to a grammar; leave the field out or serve a GGUF.`,
      { field: "response_format" },
    );
  }
  if (format.type === "json_object") return context.grammars.anyObject;
  return context.grammars.ofSchema(format.json_schema.schema, signal);
}
