import { type Marker, Markers } from "../../text/markers.js";
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

/** llama.h's llama_token_attr. */
const UNKNOWN = 1 << 0;
const CONTROL = 1 << 3;
const USER_DEFINED = 1 << 4;
const LSTRIP = 1 << 7;
const RSTRIP = 1 << 8;

/** Reads the tokens that llama.cpp cuts out of a text before it tokenizes the rest. */
export function readMarkers(api: LlamaApi, vocab: Pointer): Markers {
  const markers: Marker[] = [];
  const size = api.vocabSize(vocab);
  for (let token = 0; token < size; token++) {
    const attributes = api.vocabAttributes(vocab, token);
    if ((attributes & (UNKNOWN | CONTROL | USER_DEFINED)) === 0) continue;
    markers.push({
      text: api.vocabText(vocab, token),
      control: (attributes & (UNKNOWN | CONTROL)) !== 0,
      stripsLeft: (attributes & LSTRIP) !== 0,
      stripsRight: (attributes & RSTRIP) !== 0,
    });
  }
  const textOf = (token: number): string | undefined => (token < 0 ? undefined : api.vocabText(vocab, token));
  return new Markers(markers, { begin: textOf(api.vocabBegin(vocab)), end: textOf(api.vocabEnd(vocab)) });
}
