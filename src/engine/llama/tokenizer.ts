import { SluiceError } from "../../errors.js";
import { detokenize } from "../../text/detokenizer.js";
import type { Markers, PromptText } from "../../text/markers.js";
import type { TokenTable } from "../../text/token-table.js";
import type { LlamaApi } from "./api.js";
import { loadLlama } from "./binding.js";
import type { LlamaDevice } from "./platform.js";
import type { Pointer } from "./structs.js";
import { readMarkers, readTokenTable } from "./token-vocabulary.js";

/** A call of llama.cpp costs some microseconds, a marker in it as many steps as there are others: it has few. */
const MARKERS_PER_CALL = 64;

/** Shorter texts cannot have markers enough to be worth looking for them. */
const MIN_CUT_CHARS = 2048;

/** One call of llama.cpp's tokenizer. */
interface Call {
  readonly bytes: Buffer;
  readonly buffer: Int32Array;
  /** With the begin and end tokens that the model wants around a text. */
  readonly whole: boolean;
  readonly special: boolean;
}

/** Text to tokens and back, with a model's vocabulary. llama.cpp's calls for it may be made from any thread. */
export class LlamaTokenizer {
  readonly #api: LlamaApi;
  readonly #vocab: Pointer;
  readonly #begin: number;
  #table: TokenTable | undefined;
  /** With control tokens written as their markers. */
  #specialTable: TokenTable | undefined;
  #markers: Markers | undefined;

  /** @param table read on the first use when not given */
  constructor(api: LlamaApi, vocab: Pointer, table?: TokenTable) {
    this.#api = api;
    this.#vocab = vocab;
    this.#begin = api.vocabBegin(vocab);
    this.#table = table;
  }

  /** Read on the first use: it takes some milliseconds. */
  get markers(): Markers {
    this.#markers ??= readMarkers(this.#api, this.#vocab);
    return this.#markers;
  }

  /**
   * Token ids of a prompt, with the begin marker where the model wants one (and not twice where the text has it already).
   * @param special markers such as "<|endoftext|>" become their token, not their letters; pieces say it themselves
   */
  tokenize(prompt: PromptText, special: boolean): number[] {
    const tokens = this.#calls(prompt, special).map((call) => {
      const { bytes, buffer } = call;
      const count = this.#api.tokenize(
        this.#vocab,
        bytes,
        bytes.length,
        buffer,
        buffer.length,
        call.whole,
        call.special,
      );
      return tokensOf(call, count);
    });
    return this.#joined(tokens, special);
  }

  /** The same in a thread of the pool, for a text that would hold up the calling one. */
  async tokenizeAside(prompt: PromptText, special: boolean): Promise<number[]> {
    const tokens: Int32Array[] = [];
    for (const call of this.#calls(prompt, special)) {
      const { bytes, buffer } = call;
      const count = await new Promise<number>((resolve, reject) => {
        const words = [this.#vocab, bytes, bytes.length, buffer, buffer.length, call.whole, call.special] as const;
        this.#api.tokenize.async(...words, (error, result) => (error ? reject(error) : resolve(result)));
      });
      tokens.push(tokensOf(call, count));
    }
    return this.#joined(tokens, special);
  }

  /** Several where the prompt is in pieces or long: begin and end are then added around them all. */
  #calls(prompt: PromptText, special: boolean): Call[] {
    const pieces = typeof prompt === "string" ? [{ text: prompt, special }] : prompt;
    const texts = pieces.flatMap((piece) =>
      piece.text.length < MIN_CUT_CHARS
        ? [piece]
        : this.markers.parts(piece.text, piece.special, MARKERS_PER_CALL).map((text) => ({ ...piece, text })),
    );
    return texts.map(({ text, special }) => {
      const bytes = Buffer.from(text, "utf8");
      // A token covers at least one byte, but for the markers that the model adds and the space that some put in front.
      return { bytes, buffer: new Int32Array(bytes.length + 8), whole: texts.length === 1, special };
    });
  }

  #joined(parts: readonly Int32Array[], special: boolean): number[] {
    const tokens = parts.length === 1 ? Array.from(parts[0]!) : this.#framed(parts);
    const doubled = special && tokens.length > 1 && tokens[0] === this.#begin && tokens[1] === this.#begin;
    return doubled ? tokens.slice(1) : tokens;
  }

  #framed(parts: readonly Int32Array[]): number[] {
    const tokens: number[] = this.#api.vocabAddsBegin(this.#vocab) ? [this.#begin] : [];
    for (const part of parts) for (const token of part) tokens.push(token);
    if (this.#api.vocabAddsEnd(this.#vocab)) tokens.push(this.#api.vocabEnd(this.#vocab));
    return tokens;
  }

  /**
   * The text of tokens.
   * @param special control tokens are written as their markers; otherwise they have no text
   */
  detokenize(tokens: readonly number[], special = false): string {
    if (special) {
      this.#specialTable ??= readTokenTable(this.#api, this.#vocab, true);
      return detokenize(this.#specialTable, tokens);
    }
    this.#table ??= readTokenTable(this.#api, this.#vocab);
    return detokenize(this.#table, tokens);
  }
}

function tokensOf({ bytes, buffer }: Call, count: number): Int32Array {
  if (count < 0) throw new SluiceError("internal", `llama.cpp made ${-count} tokens of ${bytes.length} bytes`);
  return buffer.subarray(0, count);
}

/**
 * A tokenizer on the vocabulary of a model that another thread of this process has loaded. It must not be used after that
 * model was freed.
 * @param vocabularyAddress {@link LlamaEngine.vocabularyAddress}
 */
export function openTokenizer(options: { device: LlamaDevice; vocabularyAddress: bigint }): LlamaTokenizer {
  return new LlamaTokenizer(loadLlama(options.device).api, options.vocabularyAddress);
}
