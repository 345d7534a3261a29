import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import {
  type Estimate,
  estimate,
  geometricMean,
  intervalOf,
  jointConfidence,
  ratioOf,
  type Statistic,
  verdictOf,
} from "./statistics.js";

const MEAN: Statistic = { kind: "mean" };
const P95: Statistic = { kind: "percentile", percent: 95 };
const MEDIAN: Statistic = { kind: "percentile", percent: 50 };

interface NoisyOptions {
  runs: number;
  requests: number;
  scale?: number;
  /** Standard deviation of the logarithm of a run's common factor. */
  mood?: number;
}

/** Runs as a machine gives them: each is as a whole a little faster or slower, and its requests scatter. */
function noisyRuns(random: Random, options: NoisyOptions): number[][] {
  const { runs, requests, scale = 100, mood: moodSize = 0.03 } = options;
  return Array.from({ length: runs }, () => {
    const mood = Math.exp(moodSize * random.normal());
    return Array.from({ length: requests }, () => scale * mood * Math.exp(0.2 * random.normal()));
  });
}

function given(value: Estimate | undefined): Estimate {
  if (value === undefined) throw new Error("no estimate");
  return value;
}

describe("estimate", () => {
  it("merges the runs' values: known percentiles and means", () => {
    const runs = [[1, 2], [3, 4], [5]];
    expect(given(estimate(runs, MEDIAN)).value).toBe(3);
    expect(given(estimate(runs, MEAN)).value).toBe(3);
    // NumPy: percentile([1, 2, 3, 4, 5], 95) = 4.8
    expect(given(estimate(runs, P95)).value).toBeCloseTo(4.8, 12);
    expect(given(estimate([[7]], P95)).value).toBe(7);
  });

  it("has the textbook interval for a mean of runs that scatter little", () => {
    // s = 1, n = 3, t(0.975, 2) = 4.3027: 100 ± 4.3027 / √3 = 100 ± 2.484
    const interval = intervalOf(given(estimate([[99], [100], [101]], MEAN)));
    expect(interval?.low).toBeGreaterThan(97.2);
    expect(interval?.low).toBeLessThan(97.8);
    expect(interval?.high).toBeGreaterThan(102.2);
    expect(interval?.high).toBeLessThan(102.9);
  });

  it("resamples runs from three runs on, stretches of requests below", () => {
    const run = Array.from({ length: 100 }, (_, i) => 1 + (i % 7));
    expect(given(estimate([run, run, run], MEAN))).toMatchObject({ unit: "runs", degrees: 2 });
    expect(given(estimate([run], MEAN))).toMatchObject({ unit: "requests", degrees: 9 });
    expect(given(estimate([[5], [6]], MEAN))).toMatchObject({ unit: "runs", degrees: 1 });
  });

  it("knows no interval from one figure, from zeros, and no estimate from nothing", () => {
    expect(intervalOf(given(estimate([[5]], MEAN)))).toBeUndefined();
    expect(intervalOf(given(estimate([[0], [0], [0]], MEAN)))).toBeUndefined();
    expect(estimate([[], []], MEAN)).toBeUndefined();
  });

  it("is certain where nothing varies, and the same at every call", () => {
    expect(
      intervalOf(
        given(
          estimate(
            [
              [5, 6],
              [5, 6],
              [5, 6],
            ],
            MEDIAN,
          ),
        ),
      ),
    ).toEqual({ low: 5.5, high: 5.5 });
    const runs = noisyRuns(new Random(3), { runs: 4, requests: 30 });
    expect(estimate(runs, P95)).toEqual(estimate(runs, P95));
  });

  // One run cannot know the noise between runs, so there is none in its case.
  it.each([
    { runs: 3, requests: 60 },
    { runs: 5, requests: 60 },
    { runs: 1, requests: 400, mood: 0 },
  ])("covers the true median with $runs runs of $requests requests", (options) => {
    const random = new Random(11 + options.runs);
    let covered = 0;
    const trials = 300;
    for (let trial = 0; trial < trials; trial++) {
      const interval = intervalOf(given(estimate(noisyRuns(random, options), MEDIAN)))!;
      if (interval.low <= 100 && 100 <= interval.high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.92);
  });

  it("has a value inside its interval, whatever the values", () => {
    const positive = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    const runs = fc.array(fc.array(positive, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(runs, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
        const found = given(estimate(values, { kind: "percentile", percent }));
        const all = values.flat();
        expect(found.value).toBeGreaterThanOrEqual(Math.min(...all));
        expect(found.value).toBeLessThanOrEqual(Math.max(...all));
        const interval = intervalOf(found);
        if (interval === undefined) return;
        expect(interval.low).toBeLessThanOrEqual(found.value);
        expect(interval.high).toBeGreaterThanOrEqual(found.value);
      }),
      { numRuns: 100 },
    );
  });
});

describe("ratioOf", () => {
  it("is inside the noise for samples of the same source, nearly always", () => {
    const random = new Random(5);
    let noise = 0;
    for (let trial = 0; trial < 200; trial++) {
      const [a, b] = [0, 1].map(() => given(estimate(noisyRuns(random, { runs: 3, requests: 60 }), P95)));
      if (verdictOf(ratioOf(b!, a!)) === "noise") noise++;
    }
    expect(noise).toBeGreaterThanOrEqual(188);
  });

  it("finds 15 % with five runs each, nearly always", () => {
    const random = new Random(6);
    let found = 0;
    for (let trial = 0; trial < 100; trial++) {
      const a = given(estimate(noisyRuns(random, { runs: 5, requests: 60 }), MEDIAN));
      const b = given(estimate(noisyRuns(random, { runs: 5, requests: 60, scale: 115 }), MEDIAN));
      if (verdictOf(ratioOf(b, a)) === "above") found++;
    }
    expect(found).toBeGreaterThanOrEqual(97);
  });

  it("is unknown when one side is a single figure", () => {
    const single = given(estimate([[5]], MEAN));
    const many = given(estimate([[5], [6], [7]], MEAN));
    expect(verdictOf(ratioOf(single, many))).toBe("unknown");
    expect(ratioOf(single, many).value).toBeCloseTo(5 / 6, 12);
  });

  it("tells exact differences of runs without noise", () => {
    const of = (value: number) => given(estimate([[value], [value], [value]], MEAN));
    expect(verdictOf(ratioOf(of(1), of(1)))).toBe("noise");
    expect(verdictOf(ratioOf(of(1.01), of(1)))).toBe("above");
    expect(verdictOf(ratioOf(of(0.99), of(1)))).toBe("below");
  });
});

describe("geometricMean", () => {
  it("is narrower than any of its parts", () => {
    const random = new Random(8);
    const ratios = Array.from({ length: 9 }, () =>
      ratioOf(
        given(estimate(noisyRuns(random, { runs: 3, requests: 50 }), MEDIAN)),
        given(estimate(noisyRuns(random, { runs: 3, requests: 50 }), MEDIAN)),
      ),
    );
    const all = geometricMean(ratios);
    expect(all.logError).toBeLessThan(Math.max(...ratios.map((ratio) => ratio.logError)));
    expect(all.degrees).toBeGreaterThan(9);
    expect(all.value).toBeCloseTo(1, 1);
  });

  it("multiplies and takes the root", () => {
    const of = (value: number): Estimate => ({ value, logError: 0.1, degrees: 4, unit: "runs" });
    expect(geometricMean([of(2), of(8)]).value).toBeCloseTo(4, 12);
    expect(geometricMean([of(2), of(8)]).logError).toBeCloseTo(0.1 / Math.SQRT2, 12);
  });
});

it("jointConfidence shares the risk of error", () => {
  expect(jointConfidence(1)).toBe(0.95);
  expect(jointConfidence(10)).toBeCloseTo(0.995, 12);
});
