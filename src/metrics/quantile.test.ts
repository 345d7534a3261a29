import { describe, expect, it } from "vitest";
import { distribution, median, quantile, weightedQuantile } from "./quantile.js";

describe("quantiles", () => {
  it("interpolate linearly, with NumPy's answers", () => {
    expect(quantile([15, 20, 35, 40, 50], 0.4)).toBeCloseTo(29);
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantile(hundred, 0.95)).toBeCloseTo(95.05);
    expect(quantile(hundred, 0.99)).toBeCloseTo(99.01);
    expect(quantile([7], 0.99)).toBe(7);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("sorts by number and has no distribution of nothing", () => {
    expect(distribution([100, 9, 20])).toMatchObject({ count: 3, min: 9, p50: 20, max: 100, mean: 43 });
    expect(distribution([])).toBeNull();
  });

  it("are no number of no values", () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(median([])).toBeNaN();
    expect(weightedQuantile([1, 2], () => 0, 0.5)).toBeNaN();
  });

  it.each([0, 0.25, 0.5, 0.95, 0.99, 1])("%d: are the same whether values are written out or counted", (q) => {
    const times = [3, 0, 1, 7, 2];
    const written = times.flatMap((count, i) => Array<number>(count).fill(i * i));
    const values = times.map((_, i) => i * i);
    expect(weightedQuantile(values, (i) => times[i]!, q)).toBeCloseTo(quantile(written, q), 12);
  });
});
