import { beforeAll, describe, expect, it } from "vitest";
import { VirtualClock } from "../clock.js";
import { SimulatedEngine } from "../engine/simulated/engine.js";
import { Random } from "../random.js";
import { resultsOf, runOf } from "../results/results.fixture.js";
import type { Results, RunResult } from "../results/schema.js";
import { simulatedBench, simulatedRun } from "../results/simulated.fixture.js";
import { summarize } from "../results/summary.js";
import { makeScheduler } from "../scheduler/load.js";
import { DEFAULT_SCHEDULER } from "../scheduler/settings.js";
import type { Step } from "../scheduler/step.js";
import { Collected } from "../targets/collected.fixture.js";
import { simulate } from "../targets/simulate.js";
import { type Comparison, compareResults } from "./compare.js";
import { comparisonText, verdictText } from "./compare-text.js";
import { parseLimits, passedLimits } from "./limits.js";

const POLICIES = ["static", "continuous"] as const;
const REPEATS = 5;
const TRIES = 20;

/** A machine as they are: good and bad runs (3 %), steps that scatter (10 %), one in a hundred that takes five times as long. */
function machine(random: Random, sleepMs: number): (step: Step) => number {
  const mood = Math.exp(0.03 * random.normal());
  return ({ rows }) => {
    const hiccup = random.uniform() < 0.01 ? 5 : 1;
    return mood * hiccup * Math.exp(0.1 * random.normal()) * (8 + 0.7 * rows.length) + sleepMs;
  };
}

/** A bench in virtual time, on the real scheduler. `sleepMs` is slept in every step. */
async function bench(seed: number, sleepMs = 0): Promise<Results> {
  const random = new Random(seed);
  const runs: RunResult[] = [];
  for (let run = 1; run <= REPEATS; run++) {
    for (const policy of POLICIES) runs.push(await measuredRun(policy, run, machine(random, sleepMs)));
  }
  return resultsOf({ runs });
}

async function measuredRun(policy: string, run: number, stepMs: (step: Step) => number): Promise<RunResult> {
  const clock = new VirtualClock();
  const engine = new SimulatedEngine({ clock, slots: 32, contextSize: 256, cost: { description: "a test's", stepMs } });
  const scheduler = await makeScheduler({ ...DEFAULT_SCHEDULER, policy }, engine.info, 0);
  const lengths = new Random(run);
  const plan = Array.from({ length: 24 }, (_, i) => ({
    seq: i + 1,
    prompt: "one two three",
    maxTokens: lengths.integer(8, 64),
    atMs: undefined,
  }));
  const observer = new Collected();
  await simulate(scheduler, engine, plan, {
    clock,
    maxConcurrent: 8,
    sampling: { temperature: 0, topK: 0, topP: 1, ignoreEos: true },
    seed: run,
    signal: new AbortController().signal,
    observer,
  });
  const requests = observer.records;
  const summary = summarize(requests, { counters: scheduler.counters, objectives: [] });
  return runOf({ label: policy, policy, run, requestSize: plan.length, requests, summary });
}

describe("compareResults on virtual-time runs of a noisy machine", () => {
  const base: Results[] = [];
  beforeAll(async () => {
    for (let i = 0; i < TRIES; i++) base.push(await bench(1000 + i));
  });

  it("says no difference for the same build in at least 19 of 20 tries", async () => {
    let same = 0;
    for (const [i, a] of base.entries()) {
      if (compareResults(a, await bench(2000 + i)).verdict === "noise") same++;
    }
    expect(same).toBeGreaterThanOrEqual(19);
  });

  it("finds a slowdown of 15 %, slept in every step, in at least 19 of 20 tries", async () => {
    // With 8 sequences a step takes 8 + 0.7 · 8 = 13.6 ms, hiccups 4 % more.
    const sleepMs = 0.15 * 13.6 * 1.04;
    const found: Comparison[] = [];
    for (const [i, a] of base.entries()) {
      const comparison = compareResults(a, await bench(3000 + i, sleepMs));
      if (comparison.verdict === "worse") found.push(comparison);
    }
    expect(found.length).toBeGreaterThanOrEqual(19);
    const changes = found.map(({ metrics }) => metrics.find(({ metric }) => metric.id === "p50")!.ratio.value);
    expect(changes.reduce((sum, value) => sum + value, 0) / changes.length).toBeCloseTo(1.15, 1);
    expect(
      found.filter((comparison) => passedLimits(comparison, parseLimits("p50>5%")).length === 1).length,
    ).toBeGreaterThanOrEqual(19);
    expect(found.flatMap((comparison) => passedLimits(comparison, parseLimits("p50>40%")))).toEqual([]);
  });
});

describe("compareResults", () => {
  it("tells faster from slower, whichever way a metric counts", () => {
    const slow = simulatedBench({ slowness: 1.6, seed: 2 });
    const fast = simulatedBench({ seed: 3 });
    const worse = compareResults(fast, slow);
    expect(worse.verdict).toBe("worse");
    expect(worse.metrics.every(({ outcome }) => outcome === "worse" || outcome === "noise")).toBe(true);
    expect(verdictText(worse)).toMatch(/^B is slower beyond the noise .*throughput \(tokens\/s\)/);
    expect(compareResults(slow, fast).verdict).toBe("better");
  });

  it("finds exactly no difference between a run and itself", () => {
    const results = simulatedBench({ labels: ["static"], sizes: [25] });
    const comparison = compareResults(results, results);
    expect(comparison.verdict).toBe("noise");
    expect(comparison.metrics.map(({ ratio }) => ratio.value)).toEqual(comparison.metrics.map(() => 1));
    expect(comparisonText(comparison)).toContain("No difference");
  });

  it("does not judge from single runs", () => {
    const [a, b] = [1, 2].map((seed) => simulatedBench({ runs: 1, sizes: [50], seed, slowness: seed }));
    const comparison = compareResults(a!, b!);
    expect(comparison.verdict).toBe("unknown");
    expect(comparisonText(comparison)).toContain("fewer than three runs");
    // A gate still can: the change alone decides.
    expect(passedLimits(comparison, parseLimits("p50>10%"))).toHaveLength(1);
  });

  it("finds one variant that got slower among many that did not", () => {
    const of = (slowness: number): Results =>
      resultsOf({
        runs: [1, 2, 3, 4, 5].flatMap((run) =>
          Array.from({ length: 8 }, (_, i) =>
            simulatedRun({
              label: `policy ${i}`,
              run,
              noise: 0.005,
              seed: 9 * i + 1,
              slowness: i === 3 ? slowness : 1,
            }),
          ),
        ),
      });
    const comparison = compareResults(of(1), of(1.5));
    expect(comparison.outliers.length).toBeGreaterThan(0);
    expect(new Set(comparison.outliers.map(({ variant }) => variant))).toEqual(new Set(["policy 3, 50 requests"]));
  });

  it("leaves out what only one has, and refuses two that share nothing", () => {
    const both = simulatedBench({ labels: ["static", "continuous"], sizes: [25] });
    const one = simulatedBench({ labels: ["static"], sizes: [25] });
    expect(compareResults(both, one)).toMatchObject({
      variants: 1,
      unmatched: ["continuous, 25 requests"],
      outliers: [],
    });
    const other = simulatedBench({ labels: ["naive"], sizes: [25] });
    expect(() => compareResults(one, other)).toThrow(/no variant in common: A has static, 25 requests; B has naive/);
  });
});

describe("parseLimits", () => {
  it("reads rises and falls", () => {
    const [p95, rate] = parseLimits("p95>10%, throughput < -5.5 %");
    expect(p95).toMatchObject({ metric: { id: "p95" }, direction: "above", factor: 1.1 });
    expect(rate).toMatchObject({ metric: { id: "throughput" }, direction: "below" });
    expect(rate?.factor).toBeCloseTo(0.945, 12);
  });

  it.each(["p95", "p95>10", "p96>10%", "p95>-3%", "throughput<5%", ""])("refuses %j by name", (text) => {
    expect(() => parseLimits(text)).toThrow(/--fail-over: "/);
  });
});
