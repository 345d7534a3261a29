/**
 * Every error that Sluice reports, in one table: its code, the HTTP status a client sees and what it means.
 * `docs/errors.md` shows the same table; a test holds the two together.
 */
export const ERRORS = {
  invalid_request: {
    status: 400,
    meaning: "A field is missing, of the wrong type or out of its range; the message names it.",
  },
  context_length_exceeded: {
    status: 400,
    meaning: "The prompt plus max_tokens does not fit into the context of one slot.",
  },
  unsupported_field: {
    status: 400,
    meaning: "The field is part of OpenAI's or vLLM's API and Sluice does not support it.",
  },
  grammar_too_costly: {
    status: 400,
    meaning:
      "The grammar or schema needs more work, to compile or for a token, than one request may take from the others.",
  },
  unauthorized: { status: 401, meaning: "The API key is missing or wrong." },
  not_found: { status: 404, meaning: "There is nothing at this path." },
  model_not_found: { status: 404, meaning: "The server does not serve a model of this name." },
  method_not_allowed: { status: 405, meaning: "The path exists, but not with this HTTP method." },
  payload_too_large: { status: 413, meaning: "The request body is larger than the server accepts." },
  unsupported_media_type: { status: 415, meaning: "The request body is not JSON." },
  cancelled: { status: 499, meaning: "The client went away or cancelled before the last token." },
  internal: { status: 500, meaning: "A fault in Sluice itself." },
  engine_failed: { status: 500, meaning: "A step failed in the engine; only the requests in that step are affected." },
  engine_lost: {
    status: 500,
    meaning: "The thread or process that runs the model ended; its requests cannot be finished.",
  },
  policy_failed: {
    status: 500,
    meaning: "The policy threw an error or gave an answer that the scheduler cannot carry out.",
  },
  queue_full: { status: 503, meaning: "The bounded queue is full; retry after the given number of seconds." },
  shutting_down: { status: 503, meaning: "The scheduler is draining and takes no new requests." },
  deadline_exceeded: { status: 504, meaning: "The request's deadline passed before its last token." },
  usage: {
    status: 400,
    meaning: "The command line or a setting is wrong; the message names the option, its range and what came.",
  },
  model_unavailable: {
    status: 500,
    meaning: "The model cannot be found, read, downloaded or loaded; the message says which and what to do.",
  },
  device_unavailable: {
    status: 500,
    meaning: "The llama.cpp build for this device is not installed or does not run here.",
  },
  results_invalid: {
    status: 400,
    meaning: "A results folder or file cannot be read or written, or is of another schema.",
  },
  target_unreachable: { status: 502, meaning: "Nothing answers at the target's URL." },
  client_limited: {
    status: 500,
    meaning: "The load client ran into a limit of its own machine, such as open files; the target is not to blame.",
  },
  target_failed: { status: 502, meaning: "The target answered with an error or broke off in mid-stream." },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** The request field or option at fault. */
  field?: string;
  /** Seconds after which a retry is likely to be accepted (`queue_full`). */
  retryAfterS?: number;
  cause?: unknown;
}

/** The one error class: a code from {@link ERRORS}, and one line that says what, why and what to do. */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.field = details.field;
    this.retryAfterS = details.retryAfterS;
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Plain data that survives a message port; {@link SluiceError.fromData} is its inverse. */
  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.retryAfterS === undefined ? {} : { retryAfterS: this.retryAfterS }),
    };
  }

  static fromData(data: ErrorData): SluiceError {
    return new SluiceError(data.code, data.message, data);
  }

  /** Any thrown value as a SluiceError; what is not one already becomes `fallback`. */
  static from(error: unknown, fallback: ErrorCode = "internal"): SluiceError {
    if (error instanceof SluiceError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new SluiceError(fallback, message, { cause: error });
  }
}

export interface ErrorData {
  code: ErrorCode;
  message: string;
  field?: string;
  retryAfterS?: number;
}
