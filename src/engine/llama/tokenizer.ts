import { SluiceError } from "../../errors.js";
import { detokenize } from "../../text/detokenizer.js";
import type { TokenTable } from "../../text/token-table.js";
import type { LlamaApi } from "./api.js";
import { loadLlama } from "./binding.js";
import type { LlamaDevice } from "./platform.js";
import type { Pointer } from "./structs.js";
import { readTokenTable } from "./token-vocabulary.js";

/** Text to tokens and back, with a model's vocabulary. llama.cpp's calls for it may be made from any thread. */
export class LlamaTokenizer {
  readonly #api: LlamaApi;
  readonly #vocab: Pointer;
  readonly #begin: number;
  #table: TokenTable | undefined;
  #specialTable: TokenTable | undefined;

  /** @param table read on the first use when not given */
  constructor(api: LlamaApi, vocab: Pointer, table?: TokenTable) {
    this.#api = api;
    this.#vocab = vocab;
    this.#begin = api.vocabBegin(vocab);
    this.#table = table;
  }

  /**
   * Token ids of a text, with the begin marker where the model wants one (and not twice where the text has it already).
   * @param special markers such as "<|endoftext|>" become their token, not their letters
   */
  tokenize(text: string, special: boolean): number[] {
    const { bytes, buffer } = buffersFor(text);
    const count = this.#api.tokenize(this.#vocab, bytes, bytes.length, buffer, buffer.length, true, special);
    return this.#tokensOf(buffer, count, bytes, special);
  }

  /** The same in a thread of the pool, for a text that would hold up the calling one. */
  async tokenizeAside(text: string, special: boolean): Promise<number[]> {
    const { bytes, buffer } = buffersFor(text);
    const count = await new Promise<number>((resolve, reject) => {
      const words = [this.#vocab, bytes, bytes.length, buffer, buffer.length, true, special] as const;
      this.#api.tokenize.async(...words, (error, result) => (error ? reject(error) : resolve(result)));
    });
    return this.#tokensOf(buffer, count, bytes, special);
  }

  #tokensOf(buffer: Int32Array, count: number, bytes: Uint8Array, special: boolean): number[] {
    if (count < 0) throw new SluiceError("internal", `llama.cpp made ${-count} tokens of ${bytes.length} bytes`);
    const doubled = special && count > 1 && buffer[0] === this.#begin && buffer[1] === this.#begin;
    return Array.from(buffer.subarray(doubled ? 1 : 0, count));
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

/**
 * A tokenizer on the vocabulary of a model that another thread of this process has loaded. It must not be used after that
 * model was freed.
 * @param vocabularyAddress {@link LlamaEngine.vocabularyAddress}
 */
export function openTokenizer(options: { device: LlamaDevice; vocabularyAddress: bigint }): LlamaTokenizer {
  return new LlamaTokenizer(loadLlama(options.device).api, options.vocabularyAddress);
}

/** A text's bytes and room for its tokens. */
function buffersFor(text: string): { bytes: Buffer; buffer: Int32Array } {
  const bytes = Buffer.from(text, "utf8");
  // A token covers at least one byte, but for the markers that the model adds and the space that some put in front.
  return { bytes, buffer: new Int32Array(bytes.length + 8) };
}
