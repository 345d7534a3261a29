import { describe, expect, it } from "vitest";
import { resultsOf } from "../../results/results.fixture.js";
import type { Axis, Results } from "../../results/schema.js";
import {
  simulatedBench,
  simulatedGrid,
  simulatedLab,
  simulatedRun,
  simulatedWorkers,
} from "../../results/simulated.fixture.js";
import { findings } from "./registry.js";

function about(results: Results, topic: string) {
  return findings(results).filter((finding) => finding.topic === topic);
}

function textOf(results: Results, topic: string): string {
  return about(results, topic)
    .map(({ text }) => text)
    .join("\n");
}

/** Static batches, each size in three repeats; `rowMs` decides how soon larger ones stop paying. */
function batchSweep(rowMs: number, batches = [1, 2, 4, 8, 16]): Results {
  const runs = [1, 2, 3].flatMap((run) =>
    batches.map((maxBatch) =>
      simulatedRun({
        label: `static maxBatchSize=${maxBatch}`,
        policy: "static",
        run,
        size: 96,
        concurrency: 32,
        maxBatch,
        rowMs,
        minTokens: 32,
        maxTokens: 32,
        noise: 0.005,
        axes: { maxBatchSize: maxBatch },
        seed: maxBatch,
      }),
    ),
  );
  return resultsOf({ axes: [{ name: "maxBatchSize", role: "batch-limit", values: batches }], runs });
}

describe("best variant", () => {
  it("names the winner, the next and the distance", () => {
    const results = simulatedBench({ runs: 6, sizes: [50, 100] });
    expect(textOf(results, "verdict")).toMatch(
      /100 requests: continuous is faster than all others \(than dynamic, the next, by \d/,
    );
    expect(textOf(results, "best p50 latency")).toContain("with continuous");
  });

  it("calls a lead inside the noise that", () => {
    const twins = [1, 2, 3].flatMap((run) =>
      ["left", "right"].map((label, i) => simulatedRun({ label, run, noise: 0.05, seed: 40 + i })),
    );
    expect(textOf(resultsOf({ runs: twins }), "verdict")).toMatch(
      /^(undecided: \w+ leads, but not surely|.* are equal)/,
    );
  });

  it("says nothing of a single variant", () => {
    expect(about(simulatedBench({ labels: ["static"], sizes: [25] }), "verdict")).toEqual([]);
  });

  it("does not judge from single runs, and says why", () => {
    const results = simulatedBench({ runs: 1, labels: ["static", "dynamic"], sizes: [25] });
    expect(textOf(results, "verdict")).toContain("one round says nothing of the noise");
    expect(textOf(results, "few repeats")).toContain("ran once");
    expect(about(simulatedBench({ sizes: [25] }), "few repeats")).toEqual([]);
  });

  it("gives the gain over the baseline with its interval", () => {
    expect(textOf(simulatedBench(), "gain over the baseline")).toMatch(
      /gains \+\d+ % \(95 %: \+\d+ % to \+\d+ %\).*against sequential/,
    );
    expect(about(simulatedBench({ labels: ["static", "continuous"] }), "gain over the baseline")).toEqual([]);
  });
});

describe("sweeps", () => {
  it("finds where throughput saturates", () => {
    const [finding] = about(batchSweep(20), "saturation");
    expect(finding).toMatchObject({ met: true });
    expect(finding?.text).toMatch(/^Throughput saturates at batch [1248]: going on to 16/);
  });

  it("says that throughput still rises where it does", () => {
    const [finding] = about(batchSweep(0.1), "saturation");
    expect(finding).toMatchObject({ met: false });
    expect(finding?.text).toMatch(/still rises at the largest batch: \+\d.* from 8 to 16/);
  });

  it("says neither of a bench or of two batch sizes", () => {
    expect(about(simulatedBench({ sizes: [25] }), "saturation")).toEqual([]);
    expect(about(batchSweep(1, [1, 2]), "saturation")).toEqual([]);
  });

  it("checks the lab's acceptance both ways", () => {
    const lab = simulatedLab();
    expect(about(lab, "gain at batch 4 and more")).toMatchObject([{ met: true }]);
    expect(about(lab, "batch of one")).toMatchObject([{ met: true }]);
    expect(about(lab, "failed requests")).toMatchObject([{ met: true, text: "All 6300 requests ended well." }]);
    expect(about(simulatedLab({ rowMs: 40, total: 100 }), "gain at batch 4 and more")).toMatchObject([{ met: false }]);
    const withoutBaseline = { ...lab, runs: lab.runs.filter((run) => !run.baseline) };
    expect(about(withoutBaseline, "gain at batch 4 and more")).toEqual([]);
    expect(about(withoutBaseline, "p95 against the baseline")).toEqual([]);
  });

  it("tells what another axis changed, and that chance changed nothing", () => {
    expect(textOf(simulatedGrid(), "effect of shortJobFirst")).toMatch(
      /^Short first instead of by arrival: p50 latency does not change beyond the noise/,
    );
    const runs = [1, 2, 3].flatMap((run) =>
      [true, false].flatMap((shortJobFirst) =>
        [2, 4].map((maxBatchSize) =>
          simulatedRun({
            label: `static ${shortJobFirst} ${maxBatchSize}`,
            policy: "static",
            run,
            maxBatch: maxBatchSize,
            slowness: shortJobFirst ? 0.7 : 1,
            noise: 0.01,
            axes: { maxBatchSize, shortJobFirst },
          }),
        ),
      ),
    );
    const axes: Axis[] = [
      { name: "maxBatchSize", role: "batch-limit", values: [2, 4] },
      { name: "shortJobFirst", role: "short-first", values: [true, false] },
    ];
    expect(textOf(resultsOf({ axes, runs }), "effect of shortJobFirst")).toMatch(
      /p50 latency changes by −\d+(\.\d)? % \(95 %: .*\), in every variant; throughput changes by \+4/,
    );
  });
});

describe("workers", () => {
  it("says what more of them cost, and why where the CPU tells", () => {
    const text = textOf(simulatedWorkers(), "workers");
    expect(text).toMatch(/^2 workers instead of 1 change throughput by −\d/);
    expect(text).toContain("already kept the CPU 9");
    const idle = simulatedWorkers();
    for (const run of idle.runs) run.cpuPercent = null;
    expect(textOf(idle, "workers")).not.toContain("CPU");
    expect(about(simulatedBench({ sizes: [25] }), "workers")).toEqual([]);
  });
});

describe("batches and failures", () => {
  it("tells the padding of static batches and none of continuous ones", () => {
    expect(textOf(simulatedBench({ labels: ["static"], sizes: [50] }), "padding")).toMatch(/: static \d+\.\d %\.$/);
    expect(about(simulatedBench({ labels: ["continuous"] }), "padding")).toEqual([]);
  });

  it("tells how full batches were", () => {
    expect(textOf(simulatedBench({ labels: ["naive"], sizes: [40] }), "batch fill")).toBe(
      "Sequences in a batch on average: naive 4.00 of 4.",
    );
    expect(about(simulatedBench({ labels: ["sequential"] }), "batch fill")).toEqual([]);
  });

  it("counts what failed by its kind", () => {
    const runs = [simulatedRun({ label: "static", failures: 0.3, size: 40 })];
    const [finding] = about(resultsOf({ runs }), "failed requests");
    expect(finding?.met).toBe(false);
    expect(finding?.text).toMatch(/^\d+ requests of 40 did not end well: \d+ × engine_failed; they are in no latency/);
  });

  it("warns of a client that could not keep up", () => {
    const run = simulatedRun({ label: "static" });
    expect(about(resultsOf({ runs: [run] }), "late client")).toEqual([]);
    run.summary.clientKeptUp = false;
    expect(textOf(resultsOf({ runs: [run] }), "late client")).toContain("(static)");
  });

  it("finds nothing in nothing", () => {
    expect(findings(resultsOf({ runs: [] }))).toEqual([]);
  });
});
