import { expect, it } from "vitest";
import { distribution } from "../metrics/quantile.js";
import { Random } from "../random.js";
import { Samples } from "./samples.js";

function gathered(values: readonly number[]): Samples {
  const samples = new Samples();
  for (const value of values) samples.add(value);
  return samples;
}

it("is exact for as many samples as a run has", () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
  expect(gathered(values).distribution()).toEqual(distribution(values));
  expect(new Samples().distribution()).toBeNull();
});

it("is within 0.1 % when there are more than a million, zeros among them", () => {
  const random = new Random(5);
  const values = Array.from({ length: 1_200_000 }, (_, i) => (i % 100 === 0 ? 0 : Math.exp(3 * random.normal())));
  const [about, exact] = [gathered(values).distribution()!, distribution(values)!];
  expect(about.count).toBe(exact.count);
  expect([about.min, about.max]).toEqual([exact.min, exact.max]);
  for (const rank of ["mean", "p50", "p90", "p95", "p99"] as const) {
    expect(Math.abs(about[rank] / exact[rank] - 1)).toBeLessThan(0.0011);
  }
});
