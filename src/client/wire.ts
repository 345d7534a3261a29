/** What each API is sent and what its answers say. Fields that are missing or odd are read as "does not tell". */
import type { Api } from "./endpoint.js";

/** A request in the client's own words. */
export interface RemoteRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
  readonly ignoreEos: boolean;
  readonly stream: boolean;
}

/** What an answer, or a piece of one, says. */
export interface Piece {
  readonly text: string;
  readonly finishReason: "stop" | "length" | undefined;
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  /** How long it waited in the server's queue. */
  readonly queueMs: number | undefined;
  readonly batch: number | undefined;
  readonly batchSize: number | undefined;
  /** An error in mid-stream. */
  readonly error: string | undefined;
}

/** The JSON body of a request. Fields beyond OpenAI's go only to servers that are known to take them: see `extensions`. */
export function bodyOf(api: Api, request: RemoteRequest, model: string | undefined, extensions: boolean): object {
  if (api === "correct") return { sentence: request.prompt };
  const sampling = {
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stream: request.stream,
    ...(extensions ? { top_k: request.topK, ignore_eos: request.ignoreEos } : {}),
  };
  if (api === "generate") return { prompt: request.prompt, max_new_tokens: request.maxTokens, ...sampling };
  const prompt =
    api === "chat" ? { messages: [{ role: "user", content: request.prompt }] } : { prompt: request.prompt };
  const usage = request.stream ? { stream_options: { include_usage: true } } : {};
  return { model, ...prompt, max_tokens: request.maxTokens, ...sampling, ...usage };
}

/** Reads one SSE event or one whole answer; undefined when it is not JSON. */
export function readPiece(api: Api, json: string): Piece | undefined {
  const data = parseObject(json);
  if (!data) return undefined;
  const choice = objectOf(Array.isArray(data.choices) ? data.choices[0] : undefined);
  const usage = objectOf(data.usage);
  return {
    text: textOf(api, data, choice),
    finishReason: finishOf(choice.finish_reason ?? data.finish_reason),
    promptTokens: countOf(usage.prompt_tokens ?? data.prompt_tokens),
    completionTokens: countOf(usage.completion_tokens ?? data.completion_tokens),
    queueMs: typeof data.queue_s === "number" ? data.queue_s * 1000 : undefined,
    batch: countOf(data.batch),
    batchSize: countOf(data.batch_size),
    error: data.error === undefined || data.error === null ? undefined : errorText(json),
  };
}

/** What an error answer says: the message of OpenAI's error shape, else the beginning of its text. */
export function errorText(body: string): string {
  const error = parseObject(body)?.error;
  const message = typeof error === "string" ? error : objectOf(error).message;
  const text = typeof message === "string" ? message : body;
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}

function textOf(api: Api, data: Record<string, unknown>, choice: Record<string, unknown>): string {
  if (api === "correct") return stringOf(data.corrected);
  if (api === "generate") return stringOf(data.text);
  const message = objectOf(choice.delta ?? choice.message);
  return stringOf(choice.text ?? message.content);
}

function finishOf(value: unknown): Piece["finishReason"] {
  return value === "stop" || value === "length" ? value : undefined;
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(json));
  } catch {
    return undefined;
  }
}
