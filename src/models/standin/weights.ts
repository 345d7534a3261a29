import { hash32, Random } from "../../random.js";
import type { WritableFormat } from "../gguf/quantize.js";
import type { WritableTensor } from "../gguf/writer.js";
import { STANDIN_CONTEXT_TOKENS, STANDIN_SHAPES, type StandinSpec } from "./shapes.js";
import { END_OF_TEXT_ID, PADDED_VOCABULARY_SIZE, REAL_VOCABULARY_SIZE } from "./vocabulary.js";

/**
 * What the weights are. Matrices are normal with GPT-2's initial spread, the two projections that write to the residual
 * stream narrower by √(2 · layers), positions half as wide; biases are zero and norms one. Every value is a function of
 * the tensor's name and the value's index, so all number formats of a stand-in are roundings of the same weights.
 *
 * Two things are not as GPT-2 initialises them:
 * - The last norm is not one, but ± the gain that gives logits the spread of a trained model's, `LOGIT_STD`, so that
 *   top-k and top-p have something to choose between. The signs, drawn once per channel, keep a token from predicting
 *   itself: the output matrix is the embedding, and what goes in would otherwise come out again.
 * - Channel 0 of the last norm is always `MARKER`, whatever the input, so a token's embedding in that channel shifts its
 *   logit by a constant: down so far for padding tokens that no sampler ever takes them, and far enough for the
 *   end-of-text token that it comes only when a logit bias asks for it.
 */
const LOGIT_STD = 2.2;
const MARKER = 8;
const PADDING_LOGIT = -10_000;
const END_OF_TEXT_LOGIT = -20;
const POSITION_SHARE = 0.5;

type Fill = WritableTensor["fill"];

/** The tensors of a stand-in, in llama.cpp's names for the architecture "gpt2". */
export function standinTensors({ name, format }: StandinSpec): WritableTensor[] {
  const { layers, width, weightStd } = STANDIN_SHAPES[name];
  const normals = new NormalSource();
  const residualStd = weightStd / Math.sqrt(2 * layers);
  const tensors: WritableTensor[] = [];
  const add = (tensor: string, shape: readonly number[], stored: WritableFormat, fill: Fill): void => {
    tensors.push({ name: tensor, shape, format: stored, fill });
  };
  const matrix = (tensor: string, columns: number, rows: number, std: number): void =>
    add(`${tensor}.weight`, [columns, rows], format, normals.fill(tensor, std));
  const bias = (tensor: string, length: number): void => add(`${tensor}.bias`, [length], "f32", constant(0));
  const norm = (tensor: string): void => {
    add(`${tensor}.weight`, [width], "f32", constant(1));
    bias(tensor, width);
  };

  const embedding = normals.fill("token_embd", weightStd);
  add("token_embd.weight", [width, PADDED_VOCABULARY_SIZE], format, withMarkedRows(embedding, width));
  const positions = normals.fill("position_embd", POSITION_SHARE * weightStd);
  add("position_embd.weight", [width, STANDIN_CONTEXT_TOKENS], "f32", positions);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    norm(`${block}.attn_norm`);
    matrix(`${block}.attn_qkv`, width, 3 * width, weightStd);
    bias(`${block}.attn_qkv`, 3 * width);
    matrix(`${block}.attn_output`, width, width, residualStd);
    bias(`${block}.attn_output`, width);
    norm(`${block}.ffn_norm`);
    matrix(`${block}.ffn_up`, width, 4 * width, weightStd);
    bias(`${block}.ffn_up`, 4 * width);
    matrix(`${block}.ffn_down`, 4 * width, width, residualStd);
    bias(`${block}.ffn_down`, width);
  }
  add("output_norm.weight", [width], "f32", signedGain(LOGIT_STD / (weightStd * Math.sqrt(width))));
  add("output_norm.bias", [width], "f32", constant(0, MARKER));
  return tensors;
}

/** All values alike, but for the first where one is given. */
function constant(value: number, first = value): Fill {
  return (values, start) => {
    values.fill(value);
    if (start === 0) values[0] = first;
  };
}

/** The gain of the last norm with a sign drawn per channel; channel 0 ignores its input. */
function signedGain(gain: number): Fill {
  return (values, start) => {
    for (let i = 0; i < values.length; i++) values[i] = hash32(0, start + i) % 2 === 0 ? gain : -gain;
    if (start === 0) values[0] = 0;
  };
}

/** Puts the constant logits into channel 0 of the rows; padding rows hold nothing else. */
function withMarkedRows(fill: Fill, width: number): Fill {
  return (values, start) => {
    fill(values, start);
    const padding = Math.max(0, REAL_VOCABULARY_SIZE * width - start);
    if (padding < values.length) values.fill(0, padding);
    for (let row = Math.ceil(start / width); row * width < start + values.length; row++) {
      values[row * width - start] = constantLogit(row) / MARKER;
    }
  };
}

function constantLogit(token: number): number {
  if (token >= REAL_VOCABULARY_SIZE) return PADDING_LOGIT;
  return token === END_OF_TEXT_ID ? END_OF_TEXT_LOGIT : 0;
}

/**
 * Normal numbers at memory speed: each 32-bit hash of (tensor, index) picks two entries of a table of 65,536 normal
 * samples, which hold every sample with both signs so that their mean is zero.
 */
class NormalSource {
  readonly #table: Float32Array;

  constructor() {
    const random = new Random(0);
    const samples = Float32Array.from({ length: 32_768 }, () => random.normal());
    this.#table = new Float32Array(65_536);
    this.#table.set(samples);
    this.#table.set(
      samples.map((sample) => -sample),
      32_768,
    );
  }

  fill(tensor: string, std: number): Fill {
    const table = this.#table;
    const seed = [...tensor].reduce((hash, letter) => hash32(hash, letter.codePointAt(0)!), 0);
    return (values, start) => {
      for (let i = 0; i < values.length; i += 2) {
        const bits = hash32(seed, (start + i) >>> 1);
        values[i] = std * table[bits & 0xffff]!;
        values[i + 1] = std * table[bits >>> 16]!;
      }
    };
  }
}
