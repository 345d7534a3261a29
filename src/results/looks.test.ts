import { describe, expect, it } from "vitest";
import { levelsOfLooks } from "./looks.js";

describe("the levels of several looks", () => {
  it("are the whole level when there is one look", () => {
    expect(levelsOfLooks([1], 0.05)[0]).toBeCloseTo(0.05, 8);
  });

  it("are those of the tables", () => {
    // Jennison and Turnbull, Group Sequential Methods, table 7.1: ρ = 1, four even looks, α = 0.05.
    const bounds = [2.498, 2.408, 2.322, 2.246];
    const levels = levelsOfLooks([0.25, 0.5, 0.75, 1], 0.05);
    const expected = [0.0125, 0.01605, 0.02025, 0.0247];
    for (const [i, level] of levels.entries())
      expect(Math.abs(level / expected[i]! - 1), String(bounds[i])).toBeLessThan(0.01);
  });

  it("leave a share unspent when a bench ends early", () => {
    expect(levelsOfLooks([0.4], 0.05)[0]).toBeCloseTo(0.02, 8);
  });
});
