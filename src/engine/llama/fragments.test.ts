import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_SAMPLING, Sequence } from "../../scheduler/request.js";
import type { Row } from "../../scheduler/step.js";
import { countFragments } from "./fragments.js";

const sequence = new Sequence(
  { id: "a", promptTokens: [1], maxTokens: 1, sampling: DEFAULT_SAMPLING, priority: 0, user: "", deadlineMs: 0 },
  0,
  0,
);

function rowsOf(shape: readonly (readonly [slot: number, count: number])[]): Row[] {
  return shape.map(([slot, count]) => ({
    sequence,
    slot,
    start: 0,
    count,
    sample: false,
    draft: [],
    last: false,
    padding: false,
  }));
}

/** llama.cpp's rule told token by token: every round goes over all tokens that are left. */
function reference(shape: readonly (readonly [number, number])[], maxTokens: number): number {
  let tokens = shape.flatMap(([slot, count]) => new Array<number>(count).fill(slot));
  for (let round = 0; ; round++) {
    if (tokens.length === 0) return round;
    const taken: number[] = [];
    for (const slot of tokens) {
      if (!taken.includes(slot) && (taken.length === 0 || slot === taken.at(-1)! + 1)) taken.push(slot);
    }
    const left = (slot: number) => tokens.filter((each) => each === slot).length;
    let each = 0;
    const fewest = Math.min(...taken.map(left));
    do each++;
    while (each < fewest && (each + 1) * taken.length <= maxTokens);
    for (const slot of taken) {
      for (let drop = 0; drop < each; drop++) tokens = tokens.toSpliced(tokens.indexOf(slot), 1);
    }
  }
}

describe("countFragments", () => {
  it.each([
    [
      "rows of one token side by side",
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      1,
    ],
    [
      "side by side, not from the first slot",
      [
        [4, 1],
        [5, 1],
      ],
      1,
    ],
    [
      "one gap",
      [
        [0, 1],
        [2, 1],
        [3, 1],
      ],
      2,
    ],
    [
      "every second slot",
      [
        [0, 1],
        [2, 1],
        [4, 1],
      ],
      3,
    ],
    [
      "prompts of one length",
      [
        [0, 9],
        [1, 9],
      ],
      1,
    ],
    [
      "prompts of two lengths: the common part, then the rest",
      [
        [0, 9],
        [1, 12],
      ],
      2,
    ],
    [
      "a prompt among decoding rows",
      [
        [0, 1],
        [1, 12],
        [2, 1],
      ],
      2,
    ],
  ] as const)("%s", (_name, shape, fragments) => {
    expect(countFragments(rowsOf(shape), 2048)).toBe(fragments);
  });

  it("agrees with the rule told token by token", () => {
    const shape = fc
      .uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 })
      .chain((slots) =>
        fc.tuple(
          ...slots.sort((a, b) => a - b).map((slot) => fc.tuple(fc.constant(slot), fc.integer({ min: 1, max: 7 }))),
        ),
      );
    fc.assert(
      fc.property(shape, fc.constantFrom(8, 16, 2048), (slotsAndCounts, maxTokens) => {
        expect(countFragments(rowsOf(slotsAndCounts), maxTokens)).toBe(reference(slotsAndCounts, maxTokens));
      }),
    );
  });
});
