import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTextWidth } from "./font.js";
import { colorScale, orderedColors, seriesStyles } from "./palette.js";
import { placeLabels } from "./place-labels.js";

describe("series colours", () => {
  it("are a scheduler's own, whoever stands beside it", () => {
    const alone = colorScale(["continuous"]).range[0];
    const among = seriesStyles(["./mine.js", "static", "continuous", "naive"]).get("continuous")?.color;
    expect(among).toBe(alone);
  });

  it("differ for every named scheduler, and for ten others", () => {
    const named = ["sequential", "naive", "async-naive", "static", "dynamic", "continuous", "remote"];
    const others = Array.from({ length: 10 }, (_, i) => `static:maxBatchSize=${i}`);
    expect(new Set(colorScale([...named, ...others]).range).size).toBe(17);
  });

  it("are shades of a scheduler's own for its variants, light to dark by their numbers", () => {
    const [two, four, sixteen] = colorScale([
      "static maxBatchSize=2",
      "static maxBatchSize=4",
      "static maxBatchSize=16",
    ]).range as [string, string, string];
    const red = (color: string) => Number.parseInt(color.slice(1, 3), 16);
    expect(red(two)).toBeGreaterThan(red(four));
    expect(red(four)).toBeGreaterThan(red(sixteen));
    expect(colorScale(["static maxBatchSize=2"]).range).toEqual(colorScale(["static"]).range);
    const beside = colorScale(["static", "static maxBatchSize=2"]).range;
    expect(beside[0]).toBe(colorScale(["static"]).range[0]);
    expect(beside[1]).not.toBe(beside[0]);
  });

  it("do not depend on the order of the series", () => {
    const labels = ["a", "b", "c", "static"];
    const there = seriesStyles(labels);
    const back = seriesStyles([...labels].reverse());
    for (const label of labels) expect(there.get(label)).toEqual(back.get(label));
  });

  it("run along one scale for ordered values", () => {
    expect(orderedColors(1)).toHaveLength(1);
    expect(new Set(orderedColors(8)).size).toBe(8);
    for (const color of orderedColors(8)) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  });
});

describe("text width", () => {
  const width = createTextWidth();
  it("follows the font's own advances", () => {
    // PT Sans: 1000 units per em; all digits are 583 wide.
    expect(width("0", 10)).toBeCloseTo(width("8", 10), 10);
    expect(width("1234", 10)).toBeCloseTo(4 * width("0", 10), 10);
    expect(width("iii", 12)).toBeLessThan(width("mmm", 12));
    expect(width("text", 12, true)).toBeGreaterThan(width("text", 12));
    expect(width("", 12)).toBe(0);
  });

  it("has a width for characters that the font lacks", () => {
    expect(width("→", 12)).toBeGreaterThan(0);
    expect(width("😀", 12)).toBeGreaterThan(0);
  });
});

describe("placeLabels", () => {
  const area = { width: 600, height: 400 };

  it("keeps up to twenty labels apart and inside", () => {
    const point = fc.record({ x: fc.integer({ min: 60, max: 540 }), y: fc.integer({ min: 20, max: 380 }) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), (points) => {
        const anchors = points.map((place) => ({ ...place, width: 60, height: 13 }));
        const placed = placeLabels(anchors, area);
        for (const [i, a] of placed.entries()) {
          expect(a.x).toBeGreaterThanOrEqual(30);
          expect(a.x).toBeLessThanOrEqual(570);
          for (const b of placed.slice(i + 1)) {
            expect(Math.abs(a.x - b.x) >= 59.9 || Math.abs(a.y - b.y) >= 12.9).toBe(true);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("puts a lone label right beside its point, without a line", () => {
    const [label] = placeLabels([{ x: 300, y: 200, width: 50, height: 12 }], area);
    expect(label?.leader).toBeUndefined();
    expect(Math.hypot(label!.x - 300, label!.y - 200)).toBeLessThan(50);
  });
});
