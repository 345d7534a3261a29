/** One answer, read as it comes and believed only as far as it holds together. */
import { BadAnswer } from "./bad-answer.js";
import { Bytes } from "./bytes.js";
import type { Api } from "./endpoint.js";
import type { ResponseHead, ResponseListener } from "./response.js";
import { type SseEvent, SseReader } from "./sse.js";
import { believableCompletion, believablePrompt } from "./usage.js";
import { errorText, type Piece, type RemoteRequest, readPiece } from "./wire.js";

/** Told as an answer comes in. */
export interface AnswerListener {
  status(httpStatus: number): void;
  /** A piece of output, or the figures at the end. */
  piece(piece: Piece): void;
}

/** What a server told beside the output, as far as it can be true; undefined: it did not tell. */
export interface Told {
  readonly finishReason: string | undefined;
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  /** It told counts that contradict what came; they are left out. */
  readonly contradicted: boolean;
  readonly queueMs: number | undefined;
  readonly batch: number | undefined;
  readonly batchSize: number | undefined;
}

/** A token's event has some hundred bytes, and few servers send more than a thousand. */
const MAX_BYTES_PER_TOKEN = 16_384;
const MAX_OTHER_BYTES = 4 * 1_048_576;
/** What is read of an answer that is an error. */
const MAX_ERROR_BYTES = 65_536;
/** Who sends more pieces than this for a token that was asked for does not know where to end. */
const MAX_PIECES_PER_TOKEN = 4;
const MAX_OTHER_PIECES = 64;
/** Ends that are none. */
const BROKEN_OFF = new Set(["error", "abort", "aborted", "cancelled"]);

export class AnswerReader implements ResponseListener {
  #head: ResponseHead | undefined;
  /** Undefined: the body is one JSON value, or an error's text. */
  #sse: SseReader | undefined;
  readonly #whole = new Bytes();
  #bytes = 0;
  #choices = 0;
  #texts = 0;
  #textBytes = 0;
  #done = false;
  #told: Partial<Record<keyof Piece, unknown>> = {};

  constructor(
    private readonly api: Api,
    private readonly request: RemoteRequest,
    private readonly listener: AnswerListener,
  ) {}

  /** 0: no answer came. */
  get status(): number {
    return this.#head?.status ?? 0;
  }

  header(name: string): string | undefined {
    return this.#head?.headers.get(name);
  }

  /** The text of an answer that is an error, as far as it was kept. */
  takeText(): string {
    return this.#whole.take("utf8");
  }

  /** @throws BadAnswer for what neither holds JSON nor events */
  head(head: ResponseHead): void {
    this.#head = head;
    if (head.status !== 200) return;
    this.listener.status(head.status);
    const coding = head.headers.get("content-encoding") ?? "identity";
    if (coding !== "identity") throw new BadAnswer(`sent its answer as ${coding}, although it was asked not to`);
    const type = (head.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (type === "text/event-stream") this.#sse = new SseReader();
    else if (type !== "" && !/[/+]json$/.test(type)) {
      throw new BadAnswer(`answered with ${type.slice(0, 60)}, which is neither JSON nor an event stream`);
    }
  }

  /** @throws BadAnswer as soon as the answer cannot become a good one */
  body(piece: Buffer): boolean {
    this.#bytes += piece.length;
    if (this.status !== 200) {
      if (this.#bytes <= MAX_ERROR_BYTES) this.#whole.append(piece);
      return this.#bytes > MAX_ERROR_BYTES;
    }
    if (this.#done) return true;
    const maxBytes = MAX_OTHER_BYTES + MAX_BYTES_PER_TOKEN * this.request.maxTokens;
    if (this.#bytes > maxBytes) {
      throw new BadAnswer(`sent more than ${maxBytes} bytes for ${this.request.maxTokens} tokens, and went on`);
    }
    if (this.#sse) this.#takeEvents(this.#sse.push(piece));
    else this.#whole.append(piece);
    return this.#done;
  }

  /** The answer's end has come. @throws BadAnswer when it broke off, or holds no output */
  finish(): Told {
    if (!this.#sse) this.#take(this.takeText().replace(/^\uFEFF/, ""));
    else if (!this.#done) this.#takeEvents(this.#sse.end());
    const finishReason = this.#told.finishReason as string | undefined;
    if (this.#sse && !this.#done && finishReason === undefined) throw new BadAnswer("ended its stream in the middle");
    if (this.#texts === 0 && finishReason === undefined) throw new BadAnswer("answered 200 without any output");
    if (finishReason !== undefined && BROKEN_OFF.has(finishReason)) {
      throw new BadAnswer(`broke off: it gives "${finishReason}" as the reason why it ended`);
    }
    return this.#believed(finishReason);
  }

  #believed(finishReason: string | undefined): Told {
    const { promptTokens: prompt, completionTokens: completion, reasoningTokens, ...told } = this.#told;
    const evidence = {
      maxTokens: this.request.maxTokens,
      promptBytes: Buffer.byteLength(this.request.prompt),
      choices: this.#choices,
      texts: this.#texts,
      textBytes: this.#textBytes,
    };
    const promptTokens = believablePrompt(prompt, evidence);
    const completionTokens = believableCompletion(completion, reasoningTokens, evidence);
    return {
      finishReason,
      promptTokens,
      completionTokens,
      contradicted:
        (prompt !== undefined && promptTokens === undefined) ||
        (completion !== undefined && completionTokens === undefined),
      queueMs: told.queueMs as number | undefined,
      batch: told.batch as number | undefined,
      batchSize: told.batchSize as number | undefined,
    };
  }

  #takeEvents(events: readonly SseEvent[]): void {
    for (const { name, data } of events) {
      if (this.#done) return;
      if (data === "[DONE]") this.#done = true;
      else if (name === "error") throw new BadAnswer(`broke off: ${errorText(data)}`);
      else this.#take(data);
    }
  }

  #take(json: string): void {
    const piece = readPiece(this.api, json);
    if (!piece) throw new BadAnswer(`sent what is no JSON object: ${errorText(json)}`);
    if (piece.error !== undefined) {
      throw new BadAnswer(this.#sse ? `broke off: ${piece.error}` : `answered 200 with an error: ${piece.error}`);
    }
    if (piece.hasChoice) this.#choices += 1;
    if (piece.text !== "") {
      this.#texts += 1;
      this.#textBytes += Buffer.byteLength(piece.text);
      this.#checkLength();
    }
    this.#keep(piece);
    this.listener.piece(piece);
  }

  #checkLength(): void {
    const { maxTokens } = this.request;
    if (this.#texts <= MAX_PIECES_PER_TOKEN * maxTokens + MAX_OTHER_PIECES) return;
    throw new BadAnswer(`went on past max_tokens: ${this.#texts} pieces of output for ${maxTokens} tokens`);
  }

  /** What is told last holds. */
  #keep(piece: Piece): void {
    if (piece.finishReason !== undefined) this.#told.finishReason = piece.finishReason;
    for (const name of FIGURES) if (piece[name] !== undefined) this.#told[name] = piece[name];
  }
}

const FIGURES = ["promptTokens", "completionTokens", "reasoningTokens", "queueMs", "batch", "batchSize"] as const;
