/** A client of OpenAI-compatible servers, and of Sluice's own `/generate` and `/correct`. */
import { SluiceError } from "../errors.js";
import { type AnswerListener, AnswerReader, type Told } from "./answer.js";
import { BadAnswer } from "./bad-answer.js";
import { type ConnectionLimits, Connections } from "./connections.js";
import type { Endpoint } from "./endpoint.js";
import { readWhole, type WholeAnswer } from "./whole.js";
import { bodyOf, errorText, OPTIONAL_FIELDS, type RemoteRequest } from "./wire.js";

export interface ClientOptions extends ConnectionLimits {
  /** Sent as a bearer token. */
  readonly apiKey: string | undefined;
  /** What to ask for; undefined: the first that the server lists. */
  readonly model: string | undefined;
}

/** How often a server that is starting is asked. */
const READY_POLL_MS = 250;

export class RemoteClient {
  readonly #connections: Connections;
  readonly #authorization: string | undefined;
  #model: string | undefined;
  /** Fields that vLLM, llama-server and Sluice know and OpenAI does not, once the server has refused them. */
  readonly #refused = new Set<string>();

  constructor(
    readonly endpoint: Endpoint,
    options: ClientOptions,
  ) {
    this.#connections = new Connections(endpoint.url, options);
    this.#authorization = authorizationOf(endpoint.url, options.apiKey);
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
  async ready(waitMs: number, signal?: AbortSignal): Promise<void> {
    const deadlineMs = Date.now() + waitMs;
    for (;;) {
      try {
        await this.#findModel(signal);
        return;
      } catch (error) {
        const known = SluiceError.from(error, "target_failed");
        if (known.code !== "target_unreachable" || signal?.aborted) throw known;
        if (Date.now() >= deadlineMs) throw stillNothing(known, waitMs);
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  }

  /**
   * Sends a request; resolves when its answer is complete.
   *
   * @returns what the server told beside the output
   * @throws SluiceError as {@link Connections.exchange}; `target_failed` (`queue_full` for 503 and 429) with the status for
   *   an answer that is an error, and with what is wrong for one that cannot be believed
   */
  async send(request: RemoteRequest, listener: AnswerListener, signal?: AbortSignal): Promise<Told> {
    const { api, url } = this.endpoint;
    for (;;) {
      const body = bodyOf(api, request, this.#model, this.#refused);
      const answer = new AnswerReader(api, request, listener);
      try {
        await this.#connections.exchange(this.#wire("POST", url, JSON.stringify(body)), answer, signal);
        if (answer.status === 200) return answer.finish();
      } catch (error) {
        if (answer.status !== 0 && answer.status !== 200) listener.status(answer.status);
        throw named(error, url);
      }
      const text = answer.takeText();
      const { status } = answer;
      if ((status === 400 || status === 422) && this.#learn(body, text)) continue;
      listener.status(status);
      throw refusal({ status, text, header: (name) => answer.header(name) }, url);
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#connections.close();
  }

  /** @returns whether the server refused a field that can be left out */
  #learn(sent: Readonly<Record<string, unknown>>, text: string): boolean {
    const refused = OPTIONAL_FIELDS.filter((field) => sent[field] !== undefined && text.includes(field));
    for (const field of refused) this.#refused.add(field);
    return refused.length > 0;
  }

  async #findModel(signal: AbortSignal | undefined): Promise<void> {
    const { modelsUrl } = this.endpoint;
    const answer = await readWhole(this.#connections, this.#wire("GET", modelsUrl, ""), signal).catch(
      (error: unknown) => {
        throw named(error, modelsUrl);
      },
    );
    if (answer.status === 401 || answer.status === 403) throw refusal(answer, modelsUrl);
    this.#model ??= firstModel(answer.text);
  }

  /** A request as it goes over the wire. */
  #wire(method: "GET" | "POST", url: URL, body: string): string {
    const lines = [
      `${method} ${url.pathname}${url.search} HTTP/1.1`,
      `host: ${url.host}`,
      "accept: application/json, text/event-stream",
      "accept-encoding: identity",
      ...(this.#authorization === undefined ? [] : [`authorization: ${this.#authorization}`]),
      ...(body === "" ? [] : ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`]),
    ];
    return `${lines.join("\r\n")}\r\n\r\n${body}`;
  }
}

/** @throws SluiceError `usage` for a key that no header can hold */
function authorizationOf({ username, password }: URL, apiKey: string | undefined): string | undefined {
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new SluiceError("usage", "the API key must be of visible ASCII letters without spaces", { field: "apiKey" });
  }
  if (apiKey !== undefined) return `Bearer ${apiKey}`;
  if (username === "") return undefined;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
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

function refusal({ status, text, header }: WholeAnswer, url: URL): SluiceError {
  const location = header("location");
  const said = status >= 300 && status < 400 && location !== undefined ? `it points to ${location}` : errorText(text);
  const retryAfter = header("retry-after");
  const retryAfterS = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  const full = status === 503 || status === 429;
  return new SluiceError(
    full ? "queue_full" : "target_failed",
    `${url.href} answered ${status}: ${said || "without a word"}`,
    Number.isFinite(retryAfterS) ? { retryAfterS } : {},
  );
}

function named(error: unknown, url: URL): unknown {
  if (!(error instanceof BadAnswer)) return error;
  return new SluiceError("target_failed", `${url.href} ${error.message}`, { cause: error });
}

function stillNothing(error: SluiceError, waitMs: number): SluiceError {
  const waited = waitMs > 0 ? `; waited ${waitMs / 1000} s for it` : "";
  const advice = "start the server, or give it time with --wait-ready";
  return new SluiceError(error.code, `${error.message}${waited}; ${advice}`, { cause: error });
}
