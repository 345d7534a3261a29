import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatchRow } from "./batch.js";
import { reproducibleParts } from "./reproducible.js";

const tokens = Array.from({ length: 1000 }, (_, index) => index);
const row = (slot: number, start: number, count: number, sample = true): BatchRow => ({
  slot,
  start,
  count,
  sample,
  sequence: { tokens },
});
const shapes = (rows: readonly BatchRow[]) =>
  reproducibleParts(rows).map((part) => part.map(({ slot, start, count, outputs }) => [slot, start, count, outputs]));

describe("a reproducible step", () => {
  it("computes a lone token together with the one before it", () => {
    expect(shapes([row(3, 700, 1)])).toEqual([[[3, 699, 2, 2]]]);
  });

  it("drops what it computed beside the first token of all", () => {
    expect(reproducibleParts([row(0, 0, 1)])[0]![0]).toMatchObject({ start: 0, count: 2, outputs: 2, surplus: 1 });
  });

  it("leaves neighbours together and takes others apart", () => {
    expect(shapes([row(0, 9, 1), row(1, 9, 1), row(4, 0, 7), row(5, 0, 8)])).toEqual([
      [
        [0, 9, 1, 1],
        [1, 9, 1, 1],
      ],
      [[4, 0, 7, 2]],
      [[5, 0, 8, 2]],
    ]);
  });

  it("wants a second token's logits where only one row samples", () => {
    expect(shapes([row(0, 9, 1, false), row(1, 9, 1)])).toEqual([
      [
        [0, 9, 1, 1],
        [1, 9, 1, 1],
      ],
    ]);
  });

  it("never cuts off a rest of one, nor computes 64 of one sequence", () => {
    const rows = fc
      .uniqueArray(fc.record({ slot: fc.nat(40), start: fc.nat(300), count: fc.integer({ min: 1, max: 400 }) }), {
        selector: ({ slot }) => slot,
        minLength: 1,
      })
      .map((each) => each.sort((a, b) => a.slot - b.slot).map(({ slot, start, count }) => row(slot, start, count)));
    fc.assert(
      fc.property(rows, (given) => {
        const parts = reproducibleParts(given);
        for (const part of parts) {
          expect(part.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(1);
          expect(new Set(part.map(({ count }) => count)).size).toBe(1);
          expect(part[0]!.count).toBeLessThan(64);
          const outputs = part.reduce((sum, each) => sum + each.outputs, 0);
          expect(outputs).not.toBe(1);
        }
        // Every token is computed, in order, and the last of a row is the one that samples.
        for (const { slot, start, count } of given) {
          let computed = start;
          for (const piece of parts.flat().filter((each) => each.slot === slot)) {
            expect([computed, Math.max(0, computed - 1)]).toContain(piece.start);
            computed = piece.start + piece.count - piece.surplus;
            expect(piece.sample).toBe(computed === start + count);
          }
          expect(computed).toBe(start + count);
        }
      }),
    );
  });
});
