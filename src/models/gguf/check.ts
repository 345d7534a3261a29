import { SluiceError } from "../../errors.js";
import type { GgufArray, GgufFile, GgufValue } from "./reader.js";

/** llama.cpp's LLAMA_MAX_LAYERS: it ends the process above it. */
const MAX_LAYERS = 512;

/**
 * Refuses metadata that llama.cpp would end the process for, or compute nonsense with.
 * @throws SluiceError `model_unavailable`
 */
export function checkMetadata(file: GgufFile): void {
  const { metadata } = file;
  const architecture = metadata.get("general.architecture");
  if (typeof architecture !== "string") throw broken(file, "it does not say its general.architecture");
  for (const [key, value] of metadata) {
    const positive = key.endsWith("_epsilon");
    if (Number.isNaN(value)) throw broken(file, `its ${key} is no number`);
    if (positive && !(Number(value) >= 0 && Number(value) < 1)) {
      throw broken(file, `its ${key} is ${describe(value)}, and it must be from 0 up to 1`);
    }
  }
  const layers = metadata.get(`${architecture}.block_count`);
  if (layers !== undefined && !(Number(layers) >= 1 && Number(layers) <= MAX_LAYERS)) {
    throw broken(file, `its ${architecture}.block_count is ${describe(layers)}, and it must be 1 to ${MAX_LAYERS}`);
  }
}

/**
 * Refuses a vocabulary that llama.cpp would read past the end of, or end the process for.
 * @param file read with all items of its arrays
 * @throws SluiceError `model_unavailable`
 */
export function checkVocabulary(file: GgufFile): void {
  const tokens = arrayOf(file, "tokenizer.ggml.tokens", "string");
  if (tokens === undefined) return;
  for (const [key, type] of [
    ["tokenizer.ggml.scores", "float32"],
    ["tokenizer.ggml.token_type", "int32"],
  ] as const) {
    const values = arrayOf(file, key, type);
    if (values !== undefined && values.length !== tokens.length)
      throw broken(file, `its ${key} has ${values.length} items for ${tokens.length} tokens`);
  }
  arrayOf(file, "tokenizer.ggml.merges", "string");
  const known = new Map<GgufValue, number>();
  for (const [id, text] of tokens.items.entries()) {
    // llama.cpp names those without a text itself, and bytes that are no characters look alike here.
    if (text === "" || String(text).includes("\ufffd")) continue;
    const twin = known.get(text);
    if (twin !== undefined) throw broken(file, `its tokens ${twin} and ${id} are both ${JSON.stringify(text)}`);
    known.set(text, id);
  }
  if (file.metadata.get("tokenizer.ggml.model") === "llama") checkByteTokens(file, known);
}

/** What a SentencePiece vocabulary has no token for is spelled in bytes: each must have a token. */
function checkByteTokens(file: GgufFile, known: ReadonlyMap<GgufValue, number>): void {
  for (let byte = 0; byte < 256; byte++) {
    const name = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    if (!known.has(name) && !known.has(String.fromCharCode(byte)))
      throw broken(file, `its vocabulary has no token ${name}, so not every text can be written in it`);
  }
}

function arrayOf(file: GgufFile, key: string, itemType: GgufArray["itemType"]): GgufArray | undefined {
  const value = file.metadata.get(key);
  if (value === undefined) return undefined;
  if (typeof value === "object" && value.itemType === itemType) return value;
  throw broken(file, `its ${key} is ${describe(value)} instead of an array of ${itemType}`);
}

function describe(value: GgufValue): string {
  return typeof value === "object" ? `an array of ${value.itemType}` : String(value).slice(0, 40);
}

function broken(file: GgufFile, reason: string): SluiceError {
  return new SluiceError("model_unavailable", `${file.path} cannot be used as a model: ${reason}`);
}
