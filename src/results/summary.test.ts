import { describe, expect, it } from "vitest";
import { newCounters } from "../scheduler/counters.js";
import { recordOf } from "./results.fixture.js";
import { attainments, parseObjectives } from "./slo.js";
import { summarize } from "./summary.js";

const inputs = { counters: null, objectives: [] };

describe("a run", () => {
  const records = [
    recordOf({ seq: 1, dispatchedMs: 1000, firstTokenMs: 1100, lastTokenMs: 1400, endedMs: 1400, outputTokens: 10 }),
    recordOf({ seq: 2, dispatchedMs: 1500, firstTokenMs: 1800, lastTokenMs: 3000, endedMs: 3000, outputTokens: 30 }),
    recordOf({ seq: 3, status: "rejected", httpStatus: 503, dispatchedMs: 1500, endedMs: 1501, outputTokens: 0 }),
    recordOf({ seq: 4, status: "failed", errorCode: "engine_failed", dispatchedMs: 1500, endedMs: 2500 }),
  ];

  it("has throughput = total ÷ (last end − first start), of what ended well", () => {
    expect(summarize(records, inputs).durationMs).toBe(2000);
    const summary = summarize(records, inputs);
    expect(summary.requestsPerSec).toBe(1);
    expect(summary.tokensPerSec).toBe(20);
    expect(summary.latencyMs).toMatchObject({ count: 2, p50: 950, mean: 950 });
  });

  it("counts what did not end well, by status", () => {
    const summary = summarize(records, inputs);
    expect(summary).toMatchObject({ requests: 4, ok: 2, rejected: 1, failed: 1, cancelled: 0 });
    expect(summary.errors).toEqual({ "503": 1, engine_failed: 1 });
    const broken = recordOf({ status: "failed", errorCode: "target_failed", httpStatus: 200 });
    expect(summarize([broken], inputs).errors).toEqual({ target_failed: 1 });
  });

  it("says when the client could not keep up", () => {
    const late = summarize([recordOf({ intendedMs: 0, dispatchedMs: 500, lastTokenMs: 600 })], inputs);
    expect(late.clientLagMs?.p99).toBe(500);
    expect(late.clientKeptUp).toBe(false);
    expect(summarize([recordOf({ intendedMs: 0, dispatchedMs: 9 })], inputs).clientKeptUp).toBe(true);
  });

  it("takes batches from the counters: mean of the histogram, useful rows ÷ rows", () => {
    const counters = { ...newCounters(), batches: 3, batchSizes: [0, 1, 0, 0, 2], rows: 200, paddingTokens: 50 };
    expect(summarize(records, { ...inputs, counters })).toMatchObject({
      batches: 3,
      batchSizeMean: 3,
      batchEfficiency: 0.75,
      paddingTokens: 50,
    });
  });

  it("survives having no requests", () => {
    expect(summarize([], inputs)).toMatchObject({ requests: 0, requestsPerSec: 0, latencyMs: null });
  });
});

describe("objectives", () => {
  const fast = recordOf({ dispatchedMs: 0, firstTokenMs: 100, lastTokenMs: 1000, endedMs: 1000, outputTokens: 10 });
  const slow = recordOf({ dispatchedMs: 0, firstTokenMs: 700, lastTokenMs: 2000, endedMs: 2000, outputTokens: 10 });

  it("make goodput: requests that meet every one ÷ duration", () => {
    const objectives = parseObjectives("ttft_p95<500ms, latency<1.5s");
    expect(objectives.map((objective) => [objective.metric, objective.share, objective.limitMs])).toEqual([
      ["ttft", 0.95, 500],
      ["latency", 1, 1500],
    ]);
    expect(summarize([fast, slow], { counters: null, objectives }).goodput).toEqual({
      requests: 1,
      requestsPerSec: 0.5,
      share: 0.5,
    });
  });

  it("are met by the share they name, failures counting against it", () => {
    const objectives = parseObjectives("ttft_p50<500ms,ttft_p95<500ms");
    expect(attainments([fast, slow], objectives).map((one) => one.met)).toEqual([true, false]);
    const failed = recordOf({ status: "failed" });
    expect(attainments([fast, failed, failed], objectives).map((one) => one.met)).toEqual([false, false]);
  });

  it.each(["ttft_p95", "tttft<5ms", "ttft<5", "ttft_p101<5ms", ""])("refuse %j", (text) => {
    expect(() => parseObjectives(text)).toThrow(/is not like/);
  });
});
