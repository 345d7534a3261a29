import { TokenTable } from "../../text/token-table.js";
import type { Vocabulary } from "../sampling/sampler.js";
import type { LlamaApi } from "./api.js";
import type { Pointer } from "./structs.js";

/**
 * Reads the bytes of all tokens of a model.
 * @param special control tokens have those of their markers, such as "<|endoftext|>"; otherwise none
 */
export function readTokenTable(api: LlamaApi, vocab: Pointer, special = false): TokenTable {
  let buffer = new Uint8Array(256);
  return new TokenTable(api.vocabSize(vocab), (token) => {
    let length = api.tokenToPiece(vocab, token, buffer, buffer.length, 0, special);
    if (length < 0) {
      buffer = new Uint8Array(-length);
      length = api.tokenToPiece(vocab, token, buffer, buffer.length, 0, special);
    }
    return buffer.subarray(0, length);
  });
}

/** Reads what the sampler needs of a model's vocabulary. */
export function readVocabulary(api: LlamaApi, vocab: Pointer): Vocabulary {
  const table = readTokenTable(api, vocab);
  const endTokens: number[] = [];
  for (let token = 0; token < table.size; token++) {
    if (api.vocabIsEndOfGeneration(vocab, token)) endTokens.push(token);
  }
  return { table, endTokens };
}
