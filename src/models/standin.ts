import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeOnce } from "./cache.js";
import type { WritableFormat } from "./gguf/quantize.js";
import { readGguf } from "./gguf/reader.js";
import { type WritableValue, writeGguf } from "./gguf/writer.js";
import { rememberSha256 } from "./hash.js";
import { STANDIN_CONTEXT_TOKENS, STANDIN_SHAPES, type StandinSpec, standinSpelling } from "./standin/shapes.js";
import { END_OF_TEXT_ID, readVocabulary, type Vocabulary } from "./standin/vocabulary.js";
import { standinTensors } from "./standin/weights.js";

/** Part of the file name: raise it when what is written changes, and files of older versions are no longer used. */
export const STANDIN_VERSION = 1;

/** Bytes done of a file that is written or downloaded. */
export type ProgressListener = (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;

/** llama.cpp's `general.file_type` numbers. */
const FILE_TYPE: Readonly<Record<WritableFormat, number>> = { f32: 0, f16: 1, q4_0: 2, q8_0: 7 };

export function standinPath(spec: StandinSpec, cacheDir: string): string {
  return join(cacheDir, "standins", `${spec.name}-${spec.format}.v${STANDIN_VERSION}.gguf`);
}

/**
 * The path of a stand-in: a GGUF with the shape and the vocabulary of a GPT-2 model and seeded random weights, written on
 * first use.
 * @throws SluiceError `model_unavailable` when the cache cannot be written
 */
export async function ensureStandin(
  spec: StandinSpec,
  cacheDir: string,
  onProgress?: ProgressListener,
): Promise<string> {
  const path = standinPath(spec, cacheDir);
  const isReady = async (): Promise<boolean> => isWholeGguf(path);
  if (await isReady()) return path;
  let sha256 = "";
  await writeOnce(path, isReady, async (temporaryPath) => {
    const vocabulary = await readVocabulary();
    const content = { metadata: metadata(spec, vocabulary), tensors: standinTensors(spec) };
    const written = await writeGguf(temporaryPath, content, (doneBytes, totalBytes) =>
      onProgress?.({ doneBytes, totalBytes }),
    );
    sha256 = written.sha256;
  });
  if (sha256 !== "") {
    await rememberSha256(path, sha256, cacheDir);
    await removeOlderVersions(path);
  }
  return path;
}

/** A file that is missing or damaged is written again, whatever is wrong with it. */
function isWholeGguf(path: string): boolean {
  try {
    readGguf(path, { arrayItems: 0 });
    return true;
  } catch {
    return false;
  }
}

/** Files of the same stand-in that an older version wrote: nothing uses them any more. */
async function removeOlderVersions(path: string): Promise<void> {
  const stem = basename(path).replace(/\d+\.gguf$/, "");
  for (const name of await readdir(dirname(path))) {
    const version = name.startsWith(stem) ? /^(\d+)\.gguf$/.exec(name.slice(stem.length))?.[1] : undefined;
    if (version !== undefined && Number(version) < STANDIN_VERSION)
      await rm(join(dirname(path), name), { force: true });
  }
}

function metadata(spec: StandinSpec, vocabulary: Vocabulary): Map<string, WritableValue> {
  const { layers, width, heads } = STANDIN_SHAPES[spec.name];
  const text = (value: string): WritableValue => ({ type: "string", value });
  const count = (value: number): WritableValue => ({ type: "uint32", value });
  return new Map<string, WritableValue>([
    ["general.architecture", text("gpt2")],
    ["general.name", text(standinSpelling(spec))],
    ["general.description", text("Sluice stand-in: the shape is real, the weights are random, the text is noise")],
    ["general.file_type", count(FILE_TYPE[spec.format])],
    ["general.quantization_version", count(2)],
    ["gpt2.context_length", count(STANDIN_CONTEXT_TOKENS)],
    ["gpt2.embedding_length", count(width)],
    ["gpt2.feed_forward_length", count(4 * width)],
    ["gpt2.block_count", count(layers)],
    ["gpt2.attention.head_count", count(heads)],
    ["gpt2.attention.layer_norm_epsilon", { type: "float32", value: 1e-5 }],
    ["tokenizer.ggml.model", text("gpt2")],
    ["tokenizer.ggml.pre", text("gpt-2")],
    ["tokenizer.ggml.tokens", { type: "strings", value: vocabulary.tokens }],
    ["tokenizer.ggml.token_type", { type: "int32s", value: vocabulary.types }],
    ["tokenizer.ggml.merges", { type: "strings", value: vocabulary.merges }],
    ["tokenizer.ggml.bos_token_id", count(END_OF_TEXT_ID)],
    ["tokenizer.ggml.eos_token_id", count(END_OF_TEXT_ID)],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
  ]);
}
