import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK, createBlockMaxKernel } from "./block-max-wasm.js";
import { Candidates } from "./candidates.js";
import { LogitsRow, MAX_TOP } from "./logits-row.js";

/** Few different values, so that equals are common; −∞ is a masked token, and what is no number is no token either. */
const logit = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.float({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(Number.NEGATIVE_INFINITY, Number.NaN),
);
const row = fc.array(logit, { minLength: 1, maxLength: 5 * BLOCK }).map((values) => new Float32Array(values));

function sorted(values: Float32Array): number[] {
  return Array.from(values.keys())
    .filter((token) => values[token]! > Number.NEGATIVE_INFINITY)
    .sort((a, b) => values[b]! - values[a]! || a - b);
}

describe.each([
  ["with the kernel", (size: number) => new LogitsRow(size)],
  ["in plain JavaScript", (size: number) => new LogitsRow(size, null)],
])("LogitsRow %s", (_name, make) => {
  it("finds the k likeliest tokens in order, the lower id first among equals", () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: MAX_TOP }), (values, k) => {
        const logits = make(values.length);
        logits.load(values);
        const top = new Candidates(k);
        logits.top(k, top);
        const expected = sorted(values).slice(0, k);
        expect(Array.from(top.tokens.subarray(0, top.count))).toEqual(expected);
        expect(Array.from(top.logits.subarray(0, top.count))).toEqual(expected.map((token) => values[token]));
      }),
      { numRuns: 300 },
    );
  });

  it("finds the likeliest token", () => {
    fc.assert(
      fc.property(row, (values) => {
        const logits = make(values.length);
        logits.load(values);
        expect(logits.argmax()).toBe(sorted(values)[0] ?? -1);
      }),
    );
  });

  it("takes a new row without traces of the last", () => {
    const logits = make(100);
    logits.load(new Float32Array(100).fill(5));
    logits.values[3] = 9;
    logits.load(new Float32Array(100).fill(1).fill(2, 60, 61));
    expect(logits.argmax()).toBe(60);
  });
});

describe("createBlockMaxKernel", () => {
  it("writes the largest of every block", () => {
    const blocks = 3;
    const kernel = createBlockMaxKernel(4 * blocks * (BLOCK + 1))!;
    const values = new Float32Array(kernel.memory.buffer, 0, blocks * BLOCK);
    const maxima = new Float32Array(kernel.memory.buffer, values.byteLength, blocks);
    for (let lane = 0; lane < BLOCK; lane++) {
      values.fill(-7).fill(Number.NEGATIVE_INFINITY, BLOCK, 2 * BLOCK);
      values[lane] = 3;
      values[3 * BLOCK - 1 - lane] = 0.5;
      kernel.blockMax(0, values.byteLength, values.byteLength);
      expect(Array.from(maxima)).toEqual([3, Number.NEGATIVE_INFINITY, 0.5]);
    }
  });
});
