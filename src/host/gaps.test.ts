import { describe, expect, it } from "vitest";
import { StepGaps } from "./gaps.js";

/** Steps of 5 ms, with these gaps between them. */
function withGaps(...gapsMs: number[]): StepGaps {
  const gaps = new StepGaps();
  let nowMs = 1000;
  for (const gapMs of [0, ...gapsMs]) {
    nowMs += gapMs;
    gaps.stepBegins(nowMs);
    nowMs += 5;
    gaps.stepEnded(nowMs);
  }
  return gaps;
}

describe("gaps between steps", () => {
  it("are zero before the second step", () => {
    expect(new StepGaps().summary()).toEqual({ p50: 0, p99: 0, max: 0, total: 0 });
    expect(withGaps().summary()).toEqual({ p50: 0, p99: 0, max: 0, total: 0 });
  });

  it("have their percentiles within a thousandth, their maximum and their sum", () => {
    const gaps = withGaps(...Array.from({ length: 100 }, (_, i) => (i + 1) / 100));
    const { p50, p99, max, total } = gaps.summary();
    expect(Math.abs(p50 / 0.5 - 1)).toBeLessThan(1e-3);
    expect(Math.abs(p99 / 0.99 - 1)).toBeLessThan(1e-3);
    expect(Math.abs(max / 1 - 1)).toBeLessThan(1e-3);
    expect(total).toBeCloseTo(50.5);
    expect(gaps.busyMs).toBeCloseTo(50.5 + 101 * 5);
  });

  it("do not count the time in which there was nothing to do", () => {
    const gaps = withGaps(0.25);
    gaps.waits();
    gaps.stepBegins(50_000);
    expect(gaps.summary().total).toBeCloseTo(0.25);
    expect(gaps.busyMs).toBeCloseTo(10.25);
  });

  it("count as a nanosecond where the clock did not move", () => {
    expect(withGaps(0, 0).summary()).toMatchObject({ p50: 1e-6, total: 0 });
  });
});
