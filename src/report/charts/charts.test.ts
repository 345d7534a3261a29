import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { fieldsOf } from "../../results/contest.js";
import { recordOf, resultsOf, runOf } from "../../results/results.fixture.js";
import type { Results } from "../../results/schema.js";
import { seriesOf } from "../../results/series.js";
import { P95, THROUGHPUT } from "../../results/series-metrics.js";
import { simulatedBench, simulatedGrid, simulatedLab, simulatedWorkers } from "../../results/simulated.fixture.js";
import { fillCells } from "./batch-fill.js";
import { cdfPoints, needsLogAxis } from "./latency-cdf.js";
import { boxOf } from "./latency-distribution.js";
import { sizePoints } from "./lines.js";
import { CHARTS } from "./registry.js";
import { ChartRenderer } from "./render.js";
import { requestTicks, requestTimeline, timelineBars, timelineSeries } from "./request-timeline.js";
import type { Spec } from "./spec.js";
import { sweepLines } from "./sweep-lines.js";
import { rangeOf, tradeoffPoints } from "./tradeoff.js";
import { verdictRows } from "./verdicts.js";

const TWENTY = Array.from({ length: 20 }, (_, i) => `static:maxBatchSize=${i + 1}`);
const RESULTS: Record<string, () => Results> = {
  "two schedulers": () => simulatedBench({ labels: ["static", "continuous"], sizes: [25, 50] }),
  "one size": () => simulatedBench({ labels: ["static", "continuous"], sizes: [25], runs: 1 }),
  "twenty schedulers": () => simulatedBench({ labels: TWENTY, sizes: [25, 50], runs: 2 }),
  "the lab": () => simulatedLab({ total: 100 }),
  "the grid": () => simulatedGrid(),
  workers: () => simulatedWorkers(),
};

/** What each kind of results has to show. */
const EXPECTED: Record<string, string[]> = {
  "two schedulers": [
    "scheduler_comparison_bars",
    "throughput_comparison",
    "latency_comparison",
    "latency_distribution",
    "ttft_comparison",
    "throughput_latency_tradeoff",
    "batch_fill_histogram",
    "request_timeline",
  ],
  "the lab": [
    "latency_distribution",
    "throughput_vs_batch",
    "p95_vs_batch",
    "latency_cdf_baseline_vs_batch8",
    "throughput_latency_tradeoff",
    "batch_fill_histogram",
    "request_timeline",
  ],
  "the grid": [
    "latency_distribution",
    "throughput_vs_batch",
    "p95_vs_batch",
    "throughput_latency_tradeoff",
    "batch_fill_histogram",
    "request_timeline",
  ],
  workers: [
    "latency_distribution",
    "workers_scaling",
    "throughput_latency_tradeoff",
    "batch_fill_histogram",
    "request_timeline",
  ],
};
EXPECTED["one size"] = EXPECTED["two schedulers"]!;
EXPECTED["twenty schedulers"] = EXPECTED["two schedulers"]!;

describe.each(Object.keys(RESULTS))("charts of %s", (name) => {
  const results = RESULTS[name]!();
  const specs = new Map<string, Spec>();
  for (const chart of CHARTS) {
    const spec = chart.build(results);
    if (spec) specs.set(chart.name, spec);
  }

  it("are those that the data have something for", () => {
    expect([...specs.keys()]).toEqual(["verdicts", ...EXPECTED[name]!]);
  });

  it("compile without a warning and draw text inside the picture", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const renderer = new ChartRenderer();
    for (const spec of specs.values()) {
      const svg = await renderer.svg(spec);
      expect(svg).not.toContain("NaN");
      expect(svg).not.toContain("undefined");
      expect(svg).not.toContain("null");
      expect(svg).toContain(String((spec.title as { text: string }).text));
    }
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });
});

describe("results with nothing to show", () => {
  it.each([
    ["no runs", resultsOf({ runs: [] })],
    [
      "only failures",
      resultsOf({ runs: [runOf({ requests: [recordOf({ status: "failed", lastTokenMs: null, startedMs: null })] })] }),
    ],
  ])("%s draw no chart", (_, results) => {
    expect(CHARTS.filter((chart) => chart.build(results) !== undefined)).toEqual([]);
  });
});

describe("what the charts show", () => {
  let lab: Results;
  beforeAll(() => {
    lab = simulatedLab({ total: 100 });
  });

  it("sizes: the merged figure with the lowest and the highest repeat, in the chart's unit", () => {
    const at = (ms: number) => recordOf({ dispatchedMs: 0, lastTokenMs: ms });
    const summary = { ...runOf().summary, ok: 2 };
    const results = resultsOf({
      runs: [
        runOf({ run: 1, requestSize: 2, summary, requests: [at(1000), at(2000)] }),
        runOf({ run: 2, requestSize: 2, summary, requests: [at(3000), at(4000)] }),
      ],
    });
    // NumPy: percentile([1, 2, 3, 4], 95) = 3.85, of the repeats 1.95 and 3.95.
    const [point] = sizePoints(seriesOf(results), P95, { name: "s", divisor: 1000 });
    expect(point).toMatchObject({ series: "static", size: 2 });
    expect(point?.value).toBeCloseTo(3.85, 10);
    expect(point?.low).toBeCloseTo(1.95, 10);
    expect(point?.high).toBeCloseTo(3.95, 10);
  });

  it("boxes: Tukey's quartiles, whiskers and values beyond", () => {
    const requests = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((ms) => recordOf({ dispatchedMs: 0, lastTokenMs: ms }));
    const [series] = seriesOf(resultsOf({ runs: [runOf({ requests })] }));
    expect(boxOf(series!, 1)).toMatchObject({ q1: 3.25, median: 5.5, q3: 7.75, low: 1, high: 9, outliers: [100] });
  });

  it("sweeps: a point a variant, a line a wait, and the baseline", () => {
    const lines = sweepLines(lab, THROUGHPUT)!;
    expect(lines.points.map(({ batch, line }) => `${batch}, ${line}`)).toEqual([
      "1, 0 ms",
      "2, 10 ms",
      "4, 10 ms",
      "8, 20 ms",
      "16, 20 ms",
      "32, 50 ms",
    ]);
    expect(lines.baseline?.value).toBeGreaterThan(0);
    const grid = sweepLines(simulatedGrid(1), THROUGHPUT)!;
    expect(new Set(grid.points.map(({ panel }) => panel))).toEqual(new Set(["short first", "by arrival"]));
  });

  it("distribution functions: from 0 to 100 %, the baseline and batches of 8 alone", () => {
    const points = cdfPoints(lab)!;
    expect(new Set(points.map(({ series }) => series))).toEqual(
      new Set(["un-batched baseline", "batch 8, wait 20 ms"]),
    );
    const curve = points.filter(({ series }) => series !== "un-batched baseline");
    expect(curve[0]?.share).toBe(0);
    expect(curve.at(-1)?.share).toBe(100);
    expect(curve.every((point, i) => i === 0 || point.latency >= curve[i - 1]!.latency)).toBe(true);
    const withoutBaseline = { ...lab, runs: lab.runs.filter((run) => !run.baseline) };
    expect(cdfPoints(withoutBaseline)).toBeUndefined();
  });

  it("batch fill: shares over all repeats that add up to 100 %", () => {
    const summary = { ...runOf().summary, ok: 1 };
    const runs = [
      [0, 2, 0, 1],
      [0, 0, 0, 1],
    ].map((batchSizes, i) => runOf({ run: i + 1, batchSizes, summary }));
    expect(fillCells(resultsOf({ runs }))).toEqual([
      { series: "static", label: "static", size: 1, batches: 2, share: 50 },
      { series: "static", label: "static", size: 3, batches: 2, share: 50 },
    ]);
  });

  it("trade-off: the variants that none beats are marked", () => {
    const points = tradeoffPoints(lab);
    const best = points.filter((point) => point.best);
    expect(best.length).toBeGreaterThan(0);
    for (const point of best) {
      expect(points.some((other) => other.latencyMs < point.latencyMs && other.throughput > point.throughput)).toBe(
        false,
      );
    }
  });

  it("timeline: waiting until the start, processing until the last token, from the first dispatch on", () => {
    const bars = timelineBars([recordOf({ seq: 3, slot: 5, dispatchedMs: 100, startedMs: 130, lastTokenMs: 190 })]);
    expect(bars).toEqual([
      { seq: 3, slot: 5, phase: "waiting", fromMs: 0, toMs: 30 },
      { seq: 3, slot: 5, phase: "processing", fromMs: 30, toMs: 90 },
    ]);
    expect(timelineSeries(simulatedGrid(1))).toHaveLength(6);
    expect(requestTicks(1, 12)).toEqual([1, 5, 10]);
    expect(requestTicks(1, 50)).toEqual([1, 10, 20, 30, 40, 50]);
  });

  it("timeline: one time axis for all unless the short ones could not be read on it", () => {
    const run = (label: string, endMs: number) =>
      runOf({
        label,
        summary: { ...runOf().summary, ok: 1 },
        requests: [recordOf({ dispatchedMs: 0, startedMs: 0, lastTokenMs: endMs })],
      });
    const axes = (ends: readonly number[]) => {
      const runs = ends.map((endMs, i) => run(`s${i}`, endMs));
      const spec = requestTimeline.build(resultsOf({ runs })) as { concat: { encoding: { x: { scale: object } } }[] };
      return spec.concat.map((panel) => panel.encoding.x.scale);
    };
    expect(axes([2000, 4000])).toEqual([
      { nice: false, domain: [0, 4] },
      { nice: false, domain: [0, 4] },
    ]);
    expect(axes([1000, 9000])).toEqual([
      { nice: false, zero: true },
      { nice: false, zero: true },
    ]);
  });

  it("panels of the same unit end their axes at the same value", () => {
    const chart = CHARTS.find(({ name }) => name === "latency_comparison")!;
    const { concat } = chart.build(
      simulatedBench({ labels: ["static", "continuous"], sizes: [10, 20] }),
    ) as unknown as {
      concat: { layer: { encoding: { y: { scale?: { domain: number[] } } } }[] }[];
    };
    const ends = concat.map(({ layer }) => layer[1]?.encoding.y.scale?.domain[1]);
    expect(ends).toHaveLength(4);
    expect(new Set(ends).size).toBe(1);
    expect(ends[0]).toBeGreaterThan(0);
  });

  it("distribution functions: a logarithmic axis where medians lie far apart", () => {
    const curve = (series: string, median: number) =>
      [0, 50, 100].map((share) => ({ series, share, latency: median * (1 + share / 100) }));
    expect(needsLogAxis([...curve("a", 1), ...curve("b", 2)])).toBe(false);
    expect(needsLogAxis([...curve("a", 1), ...curve("b", 6)])).toBe(true);
  });

  it("trade-off: a few percent do not fill the page", () => {
    const [low, high] = rangeOf([98, 100]);
    expect(low).toBeLessThanOrEqual(50);
    expect(high).toBeGreaterThan(100);
    expect(rangeOf([1, 100])[0]).toBe(0);
  });
});

describe("golden picture", () => {
  it("draws the same picture from the same data", async () => {
    const summary = (value: number) => ({ ...runOf().summary, ok: 1, requestsPerSec: value, tokensPerSec: 40 * value });
    const runs = [1, 2].flatMap((run) => [
      runOf({ label: "static", run, requestSize: 10, summary: summary(10 + run) }),
      runOf({ label: "continuous", run, requestSize: 10, summary: summary(20 + run) }),
    ]);
    const chart = CHARTS.find(({ name }) => name === "throughput_comparison")!;
    const renderer = new ChartRenderer();
    const svg = await renderer.svg(chart.build(resultsOf({ runs }))!);
    expect(createHash("sha256").update(svg).digest("hex")).toMatchInlineSnapshot(
      `"8e89ec8d42e0cc8d84363fafa09dcd248573bf067592048b5a1e0480104b84fa"`,
    );
    const png = renderer.png(svg);
    expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
    // Twice the size of the SVG.
    const [width, height] = [/width="(\d+)"/, /height="(\d+)"/].map((pattern) => Number(pattern.exec(svg)?.[1]));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width!, 2 * height!]);
  });
});

it("verdicts: the leader at 100 %, the others by how far behind, with intervals and words", () => {
  const [field] = fieldsOf(simulatedBench({ sizes: [50], runs: 6 }));
  const [first, second, ...others] = verdictRows(field!, "tokensPerSec");
  expect(first).toMatchObject({ series: "continuous", value: 100, relation: "leader" });
  expect(second!.low).toBeLessThan(second!.value);
  expect(second!.high).toBeGreaterThan(second!.value);
  expect(second!.text).toMatch(/% slower|equal|undecided/);
  expect(others.at(-1)).toMatchObject({ series: "sequential", relation: "slower" });
});
