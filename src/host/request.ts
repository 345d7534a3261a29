import { randomInt } from "node:crypto";
import { z } from "zod";
import { SluiceError } from "../errors.js";
import { DEFAULT_MAX_TOKENS, DEFAULT_SAMPLING, type Request } from "../scheduler/request.js";
import { compileGbnf } from "../text/grammar/gbnf.js";

const SEED_LIMIT = 2 ** 31;
const MAX_GRAMMAR_CHARS = 1 << 20;

const INT32 = 2 ** 31 - 1;
export const MAX_TEMPERATURE = 2;

/** The ranges of what may be asked of the engine: the library's options and the server's bodies are made of these. */
export const REQUEST_FIELDS = {
  maxTokens: z.int().min(1).max(1_000_000),
  temperature: z.number().min(0).max(MAX_TEMPERATURE),
  topK: z.int().min(0).max(INT32),
  topP: z.number().gt(0).max(1),
  minP: z.number().min(0).max(1),
  repetitionPenalty: z.number().gt(0).max(10),
  presencePenalty: z.number().min(-2).max(2),
  frequencyPenalty: z.number().min(-2).max(2),
  /** Of one token. */
  bias: z.number().min(-100).max(100),
  seed: z.int(),
  logprobs: z.int().min(0).max(20),
  ignoreEos: z.boolean(),
  minTokens: z.int().min(0).max(1_000_000),
  /** One of at most {@link MAX_STOPS}. */
  stopText: z.string().min(1).max(256),
  tokenId: z.int().min(0).max(INT32),
  /** Lower is more urgent; for the order `priority`. */
  priority: z.int().min(-INT32).max(INT32),
  /** For the order `fair`. */
  user: z.string().max(256),
} as const;

export const MAX_STOPS = 16;
export const MAX_STOP_TOKEN_IDS = 256;
export const MAX_LOGIT_BIASES = 1024;

const { bias, stopText, tokenId, ...plainFields } = REQUEST_FIELDS;

/** What a caller may ask for. Everything is optional; defaults are those of `DEFAULT_SAMPLING`. */
export const requestOptionsSchema = z
  .strictObject({
    ...plainFields,
    id: z.string().min(1).max(256),
    logitBias: z.record(z.coerce.number().int().min(0), bias),
    stop: z.array(stopText).max(MAX_STOPS),
    stopTokenIds: z.array(tokenId).max(MAX_STOP_TOKEN_IDS),
    /** GBNF. */
    grammar: z.string().min(1).max(MAX_GRAMMAR_CHARS),
    /** Milliseconds from now in which the last token must have come. */
    timeoutMs: z.number().gt(0),
  })
  .partial();

export type RequestOptions = z.input<typeof requestOptionsSchema>;

/**
 * A complete request: defaults filled in, ranges checked, the deadline put on the clock.
 *
 * @param nowMs the scheduler's clock
 * @throws SluiceError `invalid_request` with the field's name
 */
export function makeRequest(
  id: string,
  promptTokens: readonly number[],
  options: RequestOptions,
  nowMs: number,
): Request {
  const checked = requestOptionsSchema.safeParse(options);
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    const field = issue.path.join(".") || "options";
    throw new SluiceError("invalid_request", `${field}: ${issue.message}`, { field });
  }
  const { maxTokens, priority, user, timeoutMs, id: _id, grammar: gbnf, ...sampling } = checked.data;
  const grammar = gbnf === undefined ? undefined : compileGbnf(gbnf);
  return {
    id,
    promptTokens,
    maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS,
    sampling: { ...DEFAULT_SAMPLING, seed: randomInt(SEED_LIMIT), ...given({ ...sampling, grammar }) },
    priority: priority ?? 0,
    user: user ?? "",
    deadlineMs: timeoutMs === undefined ? Number.POSITIVE_INFINITY : nowMs + timeoutMs,
  };
}

/**
 * Token ids that come from outside: the engine must never see one that its vocabulary lacks.
 *
 * @throws SluiceError `invalid_request`
 */
export function checkTokens(tokens: readonly number[], vocabularySize: number): void {
  const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (wrong === undefined) return;
  const message = `prompt: token ids are whole numbers from 0 to ${vocabularySize - 1}, got ${wrong}`;
  throw new SluiceError("invalid_request", message, { field: "prompt" });
}

type Given<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without the fields that are there and undefined: they mean the default. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
