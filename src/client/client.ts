/** A client of OpenAI-compatible servers, and of Sluice's own `/generate` and `/correct`. */
import { SluiceError } from "../errors.js";
import type { Endpoint } from "./endpoint.js";
import { type HttpAnswer, HttpClient, type HttpOptions, readAll } from "./http.js";
import { SseReader } from "./sse.js";
import { bodyOf, errorText, type Piece, type RemoteRequest, readPiece } from "./wire.js";

export interface ClientOptions extends HttpOptions {
  /** What to ask for; undefined: the first that the server lists. */
  readonly model: string | undefined;
}

/** Told as an answer comes in. */
export interface AnswerListener {
  status(httpStatus: number): void;
  /** A piece of output, or the figures at the end. */
  piece(piece: Piece): void;
}

/** How often a server that is starting is asked. */
const READY_POLL_MS = 250;

export class RemoteClient {
  readonly #http: HttpClient;
  #model: string | undefined;
  /** Fields that vLLM, llama-server and Sluice know and OpenAI does not; off once a server has refused them. */
  #extensions = true;

  constructor(
    readonly endpoint: Endpoint,
    options: ClientOptions,
  ) {
    this.#http = new HttpClient(endpoint.url, options);
    this.#model = options.model;
  }

  /** The model that requests ask for; undefined until `ready`, or when the server lists none. */
  get model(): string | undefined {
    return this.#model;
  }

  /**
   * Waits until the server answers and finds out its model.
   *
   * @param waitMs how long a server may take to come up; 0: it must be there
   * @throws SluiceError `target_unreachable` or `target_failed`
   */
  async ready(waitMs: number, signal: AbortSignal): Promise<void> {
    const deadlineMs = Date.now() + waitMs;
    for (;;) {
      try {
        await this.#findModel(signal);
        return;
      } catch (error) {
        const known = SluiceError.from(error, "target_failed");
        if (known.code !== "target_unreachable" || signal.aborted) throw known;
        if (Date.now() >= deadlineMs) throw stillNothing(known, waitMs);
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  }

  /**
   * Sends a request; resolves when its answer is complete.
   *
   * @throws SluiceError as {@link HttpClient.send}; `target_failed` (`queue_full` for 503 and 429) with the status for an
   *   answer that is an error
   */
  async send(request: RemoteRequest, listener: AnswerListener, signal: AbortSignal): Promise<void> {
    const { api, url } = this.endpoint;
    const extended = this.#extensions;
    const answer = await this.#http.send("POST", url, bodyOf(api, request, this.#model, extended), signal);
    if (answer.status >= 400) {
      const text = await readAll(answer.body);
      if (extended && answer.status === 400 && /top_k|ignore_eos/.test(text)) {
        this.#extensions = false;
        return this.send(request, listener, signal);
      }
      listener.status(answer.status);
      throw refusal(answer, text, url);
    }
    listener.status(answer.status);
    if (answer.contentType.includes("text/event-stream")) await this.#readStream(answer, listener);
    else this.#take(await readAll(answer.body), listener);
  }

  /** Closes the connections. */
  close(): void {
    this.#http.close();
  }

  async #findModel(signal: AbortSignal): Promise<void> {
    const { modelsUrl } = this.endpoint;
    const answer = await this.#http.send("GET", modelsUrl, undefined, signal);
    const text = await readAll(answer.body);
    if (answer.status === 401 || answer.status === 403) throw refusal(answer, text, modelsUrl);
    this.#model ??= firstModel(text);
  }

  async #readStream(answer: HttpAnswer, listener: AnswerListener): Promise<void> {
    const reader = new SseReader();
    let done = false;
    const take = (events: readonly string[]): void => {
      for (const event of events) {
        if (event === "[DONE]") done = true;
        else done = this.#take(event, listener) || done;
      }
    };
    for await (const piece of answer.body) take(reader.push(piece));
    take(reader.end());
    if (!done) throw new SluiceError("target_failed", `${this.endpoint.url.href} ended its stream in the middle`);
  }

  /** @returns whether the piece says that the output is complete */
  #take(json: string, listener: AnswerListener): boolean {
    const piece = readPiece(this.endpoint.api, json);
    if (!piece)
      throw new SluiceError("target_failed", `${this.endpoint.url.href} sent what is no JSON: ${errorText(json)}`);
    if (piece.error !== undefined) {
      throw new SluiceError("target_failed", `${this.endpoint.url.href} broke off: ${piece.error}`);
    }
    listener.piece(piece);
    return piece.finishReason !== undefined;
  }
}

function firstModel(text: string): string | undefined {
  try {
    const { data } = JSON.parse(text) as { data?: { id?: unknown }[] };
    const id = data?.[0]?.id;
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

function refusal(answer: HttpAnswer, text: string, url: URL): SluiceError {
  const message = `${url.href} answered ${answer.status}: ${errorText(text)}`;
  const full = answer.status === 503 || answer.status === 429;
  return new SluiceError(full ? "queue_full" : "target_failed", message, {
    ...(answer.retryAfterS === undefined ? {} : { retryAfterS: answer.retryAfterS }),
  });
}

function stillNothing(error: SluiceError, waitMs: number): SluiceError {
  const waited = waitMs > 0 ? `; waited ${waitMs / 1000} s for it` : "";
  const advice = "start the server, or give it time with --wait-ready";
  return new SluiceError(error.code, `${error.message}${waited}; ${advice}`, { cause: error });
}
