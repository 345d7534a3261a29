/**
 * What drawing a token costs: `npx tsx benchmarks/engine/sampling.ts`. Rows are random normal logits, as wide as
 * GPT-2's vocabulary, 32 of them, so that they come from memory as they do after a step.
 */
import { Sampler } from "../../src/engine/sampling/sampler.js";
import { Random } from "../../src/random.js";
import type { SamplingParams } from "../../src/scheduler/request.js";
import { TokenTable } from "../../src/text/token-table.js";
import { count, readFlags } from "../flags.js";
import { interleave, makeSequence, printTimes } from "./harness.js";

const { rounds } = readFlags("Times drawing a token.", { rounds: count(25, "interleaved rounds") });
const SIZE = 50_304;
const ROWS = 32;
const US_PER_MS = 1000;

const random = new Random(1);
const rows = Array.from({ length: ROWS }, () => new Float32Array(SIZE).map(() => 2 * random.normal()));
const sampler = new Sampler({
  table: new TokenTable(SIZE, (token) => Buffer.from(`${token} `)),
  endTokens: [SIZE - 1],
});

/** Microseconds per row. */
function timed(drawAll: () => void): number {
  const start = performance.now();
  drawAll();
  return ((performance.now() - start) / ROWS) * US_PER_MS;
}

function sluice(sampling: Partial<SamplingParams>): () => number {
  const sequences = rows.map((_, row) => makeSequence(32, sampling, row));
  return () =>
    timed(() => {
      for (const [row, logits] of rows.entries()) sampler.draw(sequences[row]!, logits, undefined);
    });
}

/** For comparison: the k likeliest by one pass over the row in plain JavaScript. */
function plainTopK(logits: Float32Array, k: number): number {
  const values = new Float64Array(k);
  const tokens = new Int32Array(k);
  let count = 0;
  let least = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (logit <= least) continue;
    let place = count < k ? count++ : k - 1;
    for (; place > 0 && values[place - 1]! < logit; place--) {
      values[place] = values[place - 1]!;
      tokens[place] = tokens[place - 1]!;
    }
    values[place] = logit;
    tokens[place] = token;
    if (count === k) least = values[k - 1]!;
  }
  return tokens[0]!;
}

const cases = new Map([
  ["top_k 50, top_p 0.95 (default)", sluice({})],
  ["greedy", sluice({ temperature: 0 })],
  ["top_k 50 and penalties", sluice({ repetitionPenalty: 1.1, frequencyPenalty: 0.1 })],
  ["top_k 50 and 5 logprobs", sluice({ logprobs: 5 })],
  ["top_k 0, top_p 1", sluice({ topK: 0, topP: 1 })],
  ["top_k 0, top_p 0.95", sluice({ topK: 0 })],
  ["plain JavaScript: top_k 50 alone", () => timed(() => rows.map((logits) => plainTopK(logits, 50)))],
]);
printTimes("Drawing a token", interleave(cases, rounds), "µs a row");
