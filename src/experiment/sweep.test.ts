import { describe, expect, it } from "vitest";
import { runOf } from "../results/results.fixture.js";
import { sweepCsv } from "../results/sweep-csv.js";
import { loadPolicy } from "../scheduler/load.js";
import { DEFAULT_SCHEDULER } from "../scheduler/settings.js";
import { axesOf, batchOption, gridPoints, type LoadPoint, sweepVariants, underLoads, waitOption } from "./sweep.js";
import { remoteVariant } from "./variant.js";

const settings = {
  entry: { name: "static", options: {} },
  scheduler: DEFAULT_SCHEDULER,
  concurrency: 8,
  baseline: true,
};

describe("a sweep", () => {
  it("goes through every combination, the last axis first", () => {
    const points = gridPoints([
      { name: "a", values: [1, 2] },
      { name: "b", values: [true, false] },
    ]);
    expect(points).toEqual([
      { a: 1, b: true },
      { a: 1, b: false },
      { a: 2, b: true },
      { a: 2, b: false },
    ]);
    expect(gridPoints([{ name: "a", values: [1, 2, 1] }])).toEqual([{ a: 1 }, { a: 2 }]);
    expect(axesOf(points, {})).toEqual([
      { name: "a", values: [1, 2] },
      { name: "b", values: [true, false] },
    ]);
  });

  it("says what its axes are, whatever the policy calls its options", async () => {
    const points = gridPoints([
      { name: "maxNumSeqs", values: [1, 2] },
      { name: "lingerMs", values: [0, 9] },
      { name: "shortJobFirst", values: [true] },
    ]);
    const { options } = await loadPolicy("continuous");
    expect(axesOf(points, options).map(({ name, role }) => [name, role])).toEqual([
      ["maxNumSeqs", "batch-limit"],
      ["lingerMs", undefined],
      ["shortJobFirst", "short-first"],
    ]);
  });

  it("knows what the largest batch and the wait are called in each policy", async () => {
    const names = async (policy: string) => {
      const definition = await loadPolicy(policy);
      return [batchOption(definition), waitOption(definition)];
    };
    expect(await names("static")).toEqual(["maxBatchSize", "maxWaitMs"]);
    expect(await names("async-naive")).toEqual(["batchSize", "timeoutMs"]);
    expect(batchOption(await loadPolicy("continuous"))).toBe("maxNumSeqs");
    const continuous = await loadPolicy("continuous");
    expect(() => waitOption(continuous)).toThrow(/--batch-timeout means nothing to continuous/);
  });

  it("makes a variant of every point, the un-batched one first", async () => {
    const points = [
      { maxBatchSize: 4, shortJobFirst: true },
      { maxBatchSize: 4, shortJobFirst: false },
    ];
    const variants = await sweepVariants({ ...settings, points });
    expect(
      variants.map((variant) => [variant.label, variant.settings?.order, variant.maxSequences, variant.baseline]),
    ).toEqual([
      ["un-batched", "fcfs", 1, true],
      ["static maxBatchSize=4 shortJobFirst=true", "sjf", 4, false],
      ["static maxBatchSize=4 shortJobFirst=false", "fcfs", 4, false],
    ]);
  });

  it("puts every variant under every load, with a label of its own", () => {
    const workload = {} as LoadPoint["workload"];
    const loads = [1, 4].map((concurrency) => ({ axes: { concurrency }, maxConcurrent: concurrency, workload }));
    const variants = underLoads([{ ...remoteVariant("remote"), axes: { maxBatchSize: 8 } }], loads);
    expect(variants.map(({ label, axes, load }) => [label, axes, load?.maxConcurrent])).toEqual([
      ["remote concurrency=1", { maxBatchSize: 8, concurrency: 1 }, 1],
      ["remote concurrency=4", { maxBatchSize: 8, concurrency: 4 }, 4],
    ]);
  });

  it("refuses a point that can never run", async () => {
    const naive = { ...settings, entry: { name: "naive", options: {} }, points: [{ batchSize: 16 }] };
    await expect(sweepVariants(naive)).rejects.toThrow(/naive cannot run like this: batchSize 16 > 8/);
    await expect(sweepVariants({ ...settings, points: [{ maxBatchSize: 0 }] })).rejects.toThrow(/maxBatchSize must be/);
  });

  it("writes a row per setting: medians, then the spread", () => {
    const { summary } = runOf();
    const runs = [10, 30, 20].map((requestsPerSec, index) =>
      runOf({
        label: "static maxBatchSize=2",
        axes: { maxBatchSize: 2 },
        run: index + 1,
        summary: { ...summary, requests: 3, ok: 2, requestsPerSec, tokensPerSec: 5 },
      }),
    );
    expect(sweepCsv({ runs, axes: [{ name: "maxBatchSize", values: [2] }] })).toBe(
      "scheduler,max_batch_size,requests,repeats,failed,p50_s,p95_s,p99_s,throughput_req_per_sec," +
        "throughput_tokens_per_sec,p50_s_min,p50_s_max,p95_s_min,p95_s_max,p99_s_min,p99_s_max," +
        "throughput_req_per_sec_min,throughput_req_per_sec_max,throughput_tokens_per_sec_min,throughput_tokens_per_sec_max\n" +
        "static,2,1,3,3,,,,20,5,,,,,,,10,30,5,5\n",
    );
  });
});
