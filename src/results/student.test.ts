import { describe, expect, it } from "vitest";
import { studentQuantile } from "./student.js";

describe("studentQuantile", () => {
  // Values of the printed tables (two-sided 95 %, 99 %, 99.9 %).
  it.each([
    [0.975, 1, 12.7062],
    [0.975, 2, 4.30265],
    [0.975, 4, 2.77645],
    [0.975, 10, 2.22814],
    [0.975, 30, 2.04227],
    [0.995, 5, 4.03214],
    [0.9995, 3, 12.924],
    [0.9995, 8, 5.04131],
    [0.975, Number.POSITIVE_INFINITY, 1.95996],
  ])("p %f with %f degrees is %f", (p, degrees, expected) => {
    expect(studentQuantile(p, degrees)).toBeCloseTo(expected, expected > 10 ? 3 : 4);
  });

  it("is symmetric and takes fractions of degrees", () => {
    expect(studentQuantile(0.025, 4)).toBeCloseTo(-studentQuantile(0.975, 4), 10);
    const between = studentQuantile(0.975, 2.5);
    expect(between).toBeLessThan(studentQuantile(0.975, 2));
    expect(between).toBeGreaterThan(studentQuantile(0.975, 3));
  });

  it("reaches far tails, which many comparisons at once need", () => {
    // R: qt(1 - 1e-5, 4) and qt(1 - 1e-4, 2)
    expect(studentQuantile(1 - 1e-5, 4)).toBeCloseTo(23.3322, 3);
    expect(studentQuantile(1 - 1e-4, 2)).toBeCloseTo(70.7001, 3);
  });

  it("refuses what has no answer", () => {
    expect(() => studentQuantile(1, 3)).toThrow(/between 0 and 1/);
    expect(() => studentQuantile(0.9, 0)).toThrow(/degrees/);
  });
});
