import type { GgufContent, WritableTensor, WritableValue } from "./writer.js";

const WIDTH = 32;
const HEADS = 2;
const FORWARD = 64;
const CONTEXT = 256;

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

/** A whole model of a few kilobytes that llama.cpp can load: one layer, random weights, a vocabulary of bytes and markers. */
export function tinyModel(kind: "bpe" | "spm", change: Record<string, WritableValue> = {}): GgufContent {
  const { metadata, tokens } = kind === "bpe" ? bpeVocabulary() : spmVocabulary();
  const count = (value: number): WritableValue => ({ type: "uint32", value });
  return {
    metadata: new Map<string, WritableValue>(
      Object.entries({
        "general.architecture": { type: "string", value: "llama" },
        "general.alignment": count(32),
        "llama.context_length": count(CONTEXT),
        "llama.embedding_length": count(WIDTH),
        "llama.feed_forward_length": count(FORWARD),
        "llama.block_count": count(1),
        "llama.attention.head_count": count(HEADS),
        "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
        "llama.rope.dimension_count": count(WIDTH / HEADS),
        ...metadata,
        ...change,
      }),
    ),
    tensors: tensors(tokens),
  };
}

/** Markers that chat templates write. */
export const TINY_MARKERS = ["<|im_start|>", "<|im_end|>", "</s>"] as const;

function bpeVocabulary() {
  const letters = Array.from({ length: 256 }, (_, byte) => byteLetter(byte));
  const merged = ["he", "ll", "hell", "hello", "Ġw", "or", "Ġwor", "ld", "Ġworld"];
  const merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld"];
  const tokens = [...letters, ...merged, ...TINY_MARKERS];
  const types = tokens.map((_, id) => (id < letters.length + merged.length ? NORMAL : CONTROL));
  const metadata: Record<string, WritableValue> = {
    "tokenizer.ggml.model": { type: "string", value: "gpt2" },
    "tokenizer.ggml.pre": { type: "string", value: "gpt-2" },
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": { type: "int32s", value: types },
    "tokenizer.ggml.merges": { type: "strings", value: merges },
    "tokenizer.ggml.bos_token_id": { type: "uint32", value: tokens.indexOf("<|im_start|>") },
    "tokenizer.ggml.eos_token_id": { type: "uint32", value: tokens.indexOf("</s>") },
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
  };
  return { metadata, tokens: tokens.length };
}

function spmVocabulary() {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const pieces = ["▁", "h", "e", "l", "o", "w", "r", "d", "he", "ll", "hell", "hello", "▁w", "▁hello", "or", "ld"];
  const tokens = ["<unk>", "<s>", ...TINY_MARKERS, ...bytes, ...pieces];
  const types = [UNKNOWN, CONTROL, ...TINY_MARKERS.map(() => CONTROL), ...bytes.map(() => BYTE)];
  const metadata: Record<string, WritableValue> = {
    "tokenizer.ggml.model": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.scores": { type: "float32s", value: tokens.map((text) => text.length) },
    "tokenizer.ggml.token_type": { type: "int32s", value: [...types, ...pieces.map(() => NORMAL)] },
    "tokenizer.ggml.bos_token_id": { type: "uint32", value: tokens.indexOf("<s>") },
    "tokenizer.ggml.eos_token_id": { type: "uint32", value: tokens.indexOf("</s>") },
  };
  return { metadata, tokens: tokens.length };
}

/** GPT-2's way to write a byte as a letter that can be printed. */
function byteLetter(byte: number): string {
  const printable = (code: number): boolean => (code > 32 && code < 127) || (code > 160 && code !== 173 && code < 256);
  if (printable(byte)) return String.fromCharCode(byte);
  const others = Array.from({ length: byte }, (_, code) => code).filter((code) => !printable(code)).length;
  return String.fromCharCode(256 + others);
}

function tensors(vocabulary: number): WritableTensor[] {
  const shapes: Record<string, number[]> = {
    "token_embd.weight": [WIDTH, vocabulary],
    "blk.0.attn_norm.weight": [WIDTH],
    "blk.0.attn_q.weight": [WIDTH, WIDTH],
    "blk.0.attn_k.weight": [WIDTH, WIDTH],
    "blk.0.attn_v.weight": [WIDTH, WIDTH],
    "blk.0.attn_output.weight": [WIDTH, WIDTH],
    "blk.0.ffn_norm.weight": [WIDTH],
    "blk.0.ffn_gate.weight": [WIDTH, FORWARD],
    "blk.0.ffn_up.weight": [WIDTH, FORWARD],
    "blk.0.ffn_down.weight": [FORWARD, WIDTH],
    "output_norm.weight": [WIDTH],
  };
  return Object.entries(shapes).map(([name, shape], tensor) => ({
    name,
    shape,
    format: "f32",
    fill: (values, start) => {
      for (let i = 0; i < values.length; i++) values[i] = Math.sin((start + i) * 12.9898 + tensor);
    },
  }));
}
