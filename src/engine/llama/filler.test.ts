import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillersFor } from "./filler.js";

const SETTINGS = { streams: 16, contextSize: 64, rowMultiple: 4 };
const rowsIn = (slots: readonly number[], count = 1) => slots.map((slot) => ({ slot, count }));
const slotsFor = (slots: readonly number[], settings = SETTINGS, cells = 5) =>
  fillersFor(rowsIn(slots), settings, () => cells).map(({ slot }) => slot);

describe("fillersFor", () => {
  it("fills up to the next multiple from half a group on", () => {
    const side = Array.from({ length: 16 }, (_, slot) => slot);
    const added = side.slice(1).map((rows) => slotsFor(side.slice(0, rows)).length);
    expect(added).toEqual([0, 0, 0, 0, 0, 2, 1, 0, 0, 2, 1, 0, 0, 2, 1]);
  });

  it.each([
    ["after the rows", [2, 3, 4, 5, 6, 7], [8, 9]],
    ["before them where there is no slot after them", [9, 10, 11, 12, 13, 14, 15], [8]],
    ["between them", [4, 5, 6, 8, 9, 10, 11], [7]],
    ["between and after them", [4, 5, 6, 8, 9, 10], [7, 11]],
  ])("%s", (_where, rows, fillers) => {
    expect(slotsFor(rows)).toEqual(fillers);
  });

  it.each([
    ["fewer rows than a group", [0, 1, 2], SETTINGS],
    ["rows too far apart to become one piece", [0, 1, 2, 3, 4, 5, 9], SETTINGS],
    ["too few streams", [0, 1, 2, 3, 4, 5], { ...SETTINGS, streams: 7 }],
    ["kernels that do not care", [0, 1, 2, 3, 4, 5, 6], { ...SETTINGS, rowMultiple: 1 }],
    ["a full slot beside them", [0, 1, 2, 3, 4, 5, 6], { ...SETTINGS, contextSize: 5 }],
  ])("leaves %s alone", (_what, rows, settings) => {
    expect(slotsFor(rows, settings)).toEqual([]);
  });

  it("leaves prompts alone", () => {
    expect(fillersFor(rowsIn([0, 1, 2, 3, 4, 5, 6], 2), SETTINGS, () => 0)).toEqual([]);
  });

  it("makes one piece of whole groups, in free places after what slots hold", () => {
    const slots = fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1 });
    fc.assert(
      fc.property(slots, (drawn) => {
        const rows = drawn.sort((a, b) => a - b);
        const fillers = fillersFor(rowsIn(rows), SETTINGS, (slot) => 2 * slot);
        if (fillers.length === 0) return;
        const all = [...rows, ...fillers.map(({ slot }) => slot)].sort((a, b) => a - b);
        expect(all).toEqual(all.map((_, i) => all[0]! + i));
        expect(all.length % SETTINGS.rowMultiple).toBe(0);
        expect(all.at(-1)).toBeLessThan(SETTINGS.streams);
        expect(fillers.length).toBeLessThanOrEqual(SETTINGS.rowMultiple / 2);
        for (const { slot, start } of fillers) expect(start).toBe(2 * slot);
      }),
    );
  });
});
