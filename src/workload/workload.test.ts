import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { type ArrivalSettings, arrivalTimesMs, checkArrivals } from "./arrivals.js";
import { parseLengths } from "./lengths.js";
import { planWorkload, type WorkloadSettings } from "./workload.js";

const closed: WorkloadSettings = {
  prompts: [
    { text: "one", outputTokens: undefined },
    { text: "two", outputTokens: 9 },
  ],
  promptLengths: undefined,
  maxPromptTokens: Number.POSITIVE_INFINITY,
  outputLengths: undefined,
  maxTokens: 64,
  arrivals: undefined,
  trace: undefined,
  timeScale: 1,
  sharedPrefixTokens: 0,
  prefixGroups: 1,
  classes: { priorities: undefined, users: undefined, timeouts: undefined },
};

describe("lengths", () => {
  const draw = (text: string) => {
    const random = new Random(7);
    const lengths = parseLengths(text, "--output-lengths");
    return Array.from({ length: 20_000 }, () => lengths.sample(random));
  };

  it("follow their distribution", () => {
    expect(new Set(draw("fixed:64"))).toEqual(new Set([64]));
    const uniform = draw("uniform:8-128");
    expect(Math.min(...uniform)).toBe(8);
    expect(Math.max(...uniform)).toBe(128);
    const lognormal = draw("lognormal:60,0.8").sort((a, b) => a - b);
    expect(lognormal[10_000]).toBeGreaterThan(57);
    expect(lognormal[10_000]).toBeLessThan(63);
    // One standard deviation above the median: 60 · e^0.8.
    expect(lognormal[16_827]).toBeCloseTo(60 * Math.exp(0.8), -1);
  });

  it.each(["uniform:0-8", "uniform:9-8", "fixed:0", "normal:3", "lognormal:0,1", ""])("refuse %j", (text) => {
    expect(() => parseLengths(text, "--output-lengths")).toThrow(/--output-lengths/);
  });
});

describe("arrivals", () => {
  const settings: ArrivalSettings = { process: "poisson", ratePerSec: 10, burstiness: 1, rampToPerSec: 0 };
  const gaps = (given: Partial<ArrivalSettings>) => {
    const times = arrivalTimesMs({ ...settings, ...given }, 20_001, new Random(3));
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  };
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variation = (values: number[]) => {
    const average = mean(values);
    return Math.sqrt(mean(values.map((value) => (value - average) ** 2))) / average;
  };

  it("keep the rate, with the spread of their process", () => {
    expect(new Set(gaps({ process: "constant" }).map(Math.round))).toEqual(new Set([100]));
    const poisson = gaps({});
    expect(mean(poisson)).toBeCloseTo(100, -1);
    expect(variation(poisson)).toBeCloseTo(1, 1);
    // A gamma gap of shape b has a coefficient of variation of 1 ÷ √b.
    for (const burstiness of [0.25, 1, 4]) {
      const gamma = gaps({ process: "gamma", burstiness });
      expect(Math.abs(mean(gamma) - 100)).toBeLessThan(5);
      expect(Math.abs(variation(gamma) * Math.sqrt(burstiness) - 1)).toBeLessThan(0.05);
    }
  });

  it("ramp from one rate to the other", () => {
    const ramp = arrivalTimesMs({ ...settings, process: "ramp", ratePerSec: 1, rampToPerSec: 9 }, 101, new Random(1));
    expect(ramp[0]).toBe(0);
    // 101 requests at a mean rate of 5/s take 20.2 s; a quarter of the time sends 1·t + 8·t²/(2·20.2).
    const quarter = ramp.filter((time) => time < 5050).length;
    expect(quarter).toBe(Math.ceil(5.05 + (8 * 5.05 ** 2) / (2 * 20.2)));
    expect(ramp.at(-1)).toBeLessThan(20_200);
  });

  it("refuse what has no meaning", () => {
    expect(() => checkArrivals({ ...settings, ratePerSec: 0 })).toThrow(/--rate must be a number above 0/);
    expect(() => checkArrivals({ ...settings, process: "gamma", burstiness: -1 })).toThrow(/--burstiness/);
    expect(() => checkArrivals({ ...settings, process: "ramp" })).toThrow(/--ramp-to/);
  });
});

describe("a plan", () => {
  it("goes through the prompts in turn, and repeats itself for the same seed", () => {
    const plan = [...planWorkload(closed, 3, 5)];
    expect(plan.map((request) => [request.seq, request.prompt, request.maxTokens, request.atMs])).toEqual([
      [1, "one", 64, undefined],
      [2, "two", 9, undefined],
      [3, "one", 64, undefined],
    ]);
    const random = { ...closed, outputLengths: parseLengths("uniform:1-100", "--output-lengths") };
    expect([...planWorkload(random, 20, 5)]).toEqual([...planWorkload(random, 20, 5)]);
    expect([...planWorkload(random, 20, 5)]).not.toEqual([...planWorkload(random, 20, 6)]);
  });

  it("makes prompts of a wanted length, with a prefix that a group shares", () => {
    const made = {
      ...closed,
      promptLengths: parseLengths("fixed:12", "--prompt-lengths"),
      sharedPrefixTokens: 5,
      prefixGroups: 2,
    };
    const words = [...planWorkload(made, 4, 1)].map((request) => request.prompt.split(" "));
    expect(words.map((list) => list.length)).toEqual([17, 17, 17, 17]);
    expect(words[0]?.slice(0, 5)).toEqual(words[2]?.slice(0, 5));
    expect(words[0]?.slice(0, 5)).not.toEqual(words[1]?.slice(0, 5));
    expect(words[0]?.slice(5)).not.toEqual(words[2]?.slice(5));
  });

  it("replays a trace, scaled in time and cut to what fits", () => {
    const trace = [
      { atMs: 0, inputTokens: 2000, outputTokens: 10, blocks: [7] },
      { atMs: 900, inputTokens: 600, outputTokens: 999, blocks: [7, 8] },
    ];
    const plan = [...planWorkload({ ...closed, trace, timeScale: 3, maxPromptTokens: 700 }, 9, 1)];
    expect(plan.map((request) => [request.atMs, request.maxTokens])).toEqual([
      [0, 10],
      [300, 64],
    ]);
    const [first = [], second = []] = plan.map((request) => request.prompt.split(" "));
    expect([first.length, second.length]).toEqual([700, 600]);
    expect(first.slice(0, 512)).toEqual(second.slice(0, 512));
  });
});
