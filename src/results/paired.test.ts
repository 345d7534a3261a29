import { describe, expect, it } from "vitest";
import { logRatios, pairedEstimate, signFlipP, tTestP } from "./paired.js";
import { intervalOf } from "./statistics.js";

describe("the paired ratio", () => {
  it("does not see what both sides share", () => {
    // The rounds differ by a factor of four, the sides by 10 % in each.
    const b = new Map([10, 40, 20].map((value, i) => [i + 1, value]));
    const a = new Map([...b].map(([round, value]) => [round, 1.1 * value]));
    const ratio = pairedEstimate(logRatios(a, b))!;
    expect(ratio.value).toBeCloseTo(1.1, 10);
    expect(intervalOf(ratio)?.low).toBeGreaterThan(1.0999);
  });

  it("takes the rounds that both have, by number", () => {
    const a = new Map([
      [1, 2],
      [3, 8],
      [4, 1],
    ]);
    const b = new Map([
      [3, 4],
      [1, 2],
      [2, 9],
      [4, 0],
    ]);
    expect(logRatios(a, b)).toEqual([0, Math.log(2)]);
    expect(pairedEstimate([])).toBeUndefined();
    expect(intervalOf(pairedEstimate([0.1])!)).toBeUndefined();
  });

  it("has the textbook interval of a paired t test, and its p", () => {
    // s = 0.1, so the reach is 4.3027 · 0.1 / √3; t = √3.
    const ratio = pairedEstimate([0, 0.1, 0.2])!;
    expect(Math.log(intervalOf(ratio)!.high / ratio.value)).toBeCloseTo((4.30265 * 0.1) / Math.sqrt(3), 5);
    expect(tTestP([0, 0.1, 0.2])).toBeCloseTo(0.2254, 4);
    expect([tTestP([0.1]), tTestP([0, 0]), tTestP([0.1, 0.1, 0.1])]).toEqual([1, 1, 0]);
  });
});

describe("sign flips", () => {
  it("reach what so few rounds can", () => {
    expect(signFlipP([0.1, 0.2, 0.3, 0.1, 0.2, 0.3])).toBeCloseTo(2 / 64, 12);
    expect(signFlipP([0.1, -0.1])).toBe(1);
    expect(signFlipP(Array.from({ length: 17 }, () => 1))).toBeUndefined();
  });

  it("count every pattern that is at least as far off", () => {
    // Of +++, ++−, +−+, +−− and their opposites: 6, 0, 2, 4 → |sum| ≥ 4 for two of four.
    expect(signFlipP([3, 2, -1])).toBe(2 / 4);
  });
});
