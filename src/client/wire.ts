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
  /** Lower is more urgent. */
  readonly priority?: number | undefined;
  readonly user?: string | undefined;
  /** Milliseconds in which the last token must have come. */
  readonly timeoutMs?: number | undefined;
}

/** What an answer, or a piece of one, says. */
export interface Piece {
  /** All that the model wrote: what it thought and what it called included. */
  readonly text: string;
  /** It holds a choice, be its text empty: a token came. */
  readonly hasChoice: boolean;
  readonly finishReason: string | undefined;
  readonly promptTokens: unknown;
  readonly completionTokens: unknown;
  /** Of the completion's tokens, those that were thought and not shown. */
  readonly reasoningTokens: unknown;
  /** How long it waited in the server's queue. */
  readonly queueMs: number | undefined;
  readonly batch: number | undefined;
  readonly batchSize: number | undefined;
  /** An error in mid-stream. */
  readonly error: string | undefined;
}

/** Fields that not every server takes; who refuses one by name is sent no more of it. */
export const OPTIONAL_FIELDS = ["top_k", "ignore_eos", "stream_options", "priority", "deadline_ms"] as const;

/** The JSON body of a request. @param refused fields that the server does not take */
export function bodyOf(
  api: Api,
  request: RemoteRequest,
  model: string | undefined,
  refused: ReadonlySet<string>,
): Record<string, unknown> {
  if (api === "correct") return { sentence: request.prompt };
  const openAi = api !== "generate";
  const body: Record<string, unknown> = {
    ...(openAi ? { model } : {}),
    ...(api === "chat" ? { messages: [{ role: "user", content: request.prompt }] } : { prompt: request.prompt }),
    [openAi ? "max_tokens" : "max_new_tokens"]: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stream: request.stream,
    top_k: request.topK,
    ignore_eos: request.ignoreEos,
    // JSON has no undefined: what is not set is not sent.
    priority: request.priority,
    user: request.user,
    deadline_ms: request.timeoutMs,
    ...(openAi && request.stream ? { stream_options: { include_usage: true } } : {}),
  };
  for (const field of refused) delete body[field];
  return body;
}

/** Reads one SSE event or one whole answer; undefined when it is no JSON object. */
export function readPiece(api: Api, json: string): Piece | undefined {
  const data = parseObject(json);
  if (!data) return undefined;
  const choice = objectOf(Array.isArray(data.choices) ? data.choices[0] : undefined);
  const usage = objectOf(data.usage);
  const finishReason = choice.finish_reason ?? data.finish_reason;
  return {
    text: textOf(api, data, choice),
    hasChoice: choice !== NOTHING || typeof data.text === "string" || typeof data.corrected === "string",
    finishReason: typeof finishReason === "string" && finishReason !== "" ? finishReason : undefined,
    promptTokens: usage.prompt_tokens ?? data.prompt_tokens ?? undefined,
    completionTokens: usage.completion_tokens ?? data.completion_tokens ?? undefined,
    reasoningTokens: objectOf(usage.completion_tokens_details).reasoning_tokens ?? undefined,
    queueMs: typeof data.queue_s === "number" ? data.queue_s * 1000 : undefined,
    batch: countOf(data.batch),
    batchSize: countOf(data.batch_size),
    error: saysError(data) ? errorText(json) : undefined,
  };
}

/** What an error answer says: the message of OpenAI's, FastAPI's or a plain error shape, else the beginning of its text. */
export function errorText(body: string): string {
  const data = parseObject(body) ?? NOTHING;
  const told = [data.error, objectOf(data.error).message, data.message, data.detail];
  const message = told.find((text) => typeof text === "string" && text !== "");
  return (typeof message === "string" ? message : body).replace(/\s+/g, " ").trim().slice(0, 200);
}

const NOTHING: Readonly<Record<string, unknown>> = {};

/** An `error` that is not empty, or the object of kind "error" that vLLM sends. */
function saysError({ error, object }: Record<string, unknown>): boolean {
  return (error !== undefined && error !== null && error !== false && error !== "") || object === "error";
}

function textOf(api: Api, data: Record<string, unknown>, choice: Record<string, unknown>): string {
  if (api === "correct") return stringOf(data.corrected);
  if (api === "generate") return stringOf(data.text);
  if (typeof choice.text === "string") return choice.text;
  const message = objectOf(choice.delta ?? choice.message);
  // Some servers send a thought under both names.
  const thought = stringOf(message.reasoning_content) || stringOf(message.reasoning);
  const said = thought + stringOf(message.content) + stringOf(message.refusal);
  const { tool_calls: calls, function_call: call } = message;
  if (calls === undefined && call === undefined) return said;
  const functions = [...(Array.isArray(calls) ? calls : []).map((each) => objectOf(each).function), call];
  return said + functions.map(callText).join("");
}

function callText(call: unknown): string {
  const { name, arguments: words } = objectOf(call);
  return stringOf(name) + stringOf(words);
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : NOTHING;
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
