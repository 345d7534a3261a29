import { describe, expect, it } from "vitest";
import type { RequestTimes } from "./lifetime.js";
import {
  decodeMs,
  latencyMs,
  prefillMs,
  processingMs,
  queueMs,
  scheduledLatencyMs,
  tpotMs,
  ttftMs,
} from "./request.js";

function timesOf(given: Partial<RequestTimes> & { intendedMs?: number }): RequestTimes & { intendedMs: number } {
  const times = { intendedMs: 0, dispatchedMs: 0, startedMs: 10, firstTokenMs: 20, lastTokenMs: 30 };
  return { ...times, outputTokens: 2, gapsMs: [10], ...given };
}

describe("one request", () => {
  // Meant for 100, sent at 110, out of the queue at 150, four tokens at 200, 230, 260 and 320.
  const streamed = timesOf({
    intendedMs: 100,
    dispatchedMs: 110,
    startedMs: 150,
    firstTokenMs: 200,
    lastTokenMs: 320,
    gapsMs: [30, 30, 60],
    outputTokens: 4,
  });

  it("has the times of its definitions", () => {
    expect(ttftMs(streamed)).toBe(90);
    expect(latencyMs(streamed)).toBe(210);
    expect(scheduledLatencyMs(streamed)).toBe(220);
    expect(queueMs(streamed)).toBe(40);
    expect(processingMs(streamed)).toBe(170);
    expect(tpotMs(streamed)).toBe(40);
  });

  it("has no TPOT with one token, or when everything came at once", () => {
    expect(tpotMs(timesOf({ outputTokens: 1, gapsMs: [] }))).toBeNull();
    const atEnd = timesOf({ firstTokenMs: 320, lastTokenMs: 320, gapsMs: [], outputTokens: 4 });
    expect(tpotMs(atEnd)).toBeNull();
    expect(ttftMs(atEnd)).toBe(latencyMs(atEnd));
  });

  it("counts TPOT by tokens, not by chunks", () => {
    expect(tpotMs(timesOf({ firstTokenMs: 0, lastTokenMs: 90, gapsMs: [90], outputTokens: 10 }))).toBe(10);
  });

  it("has no time that did not come", () => {
    const refused = timesOf({ startedMs: null, firstTokenMs: null, lastTokenMs: null, outputTokens: 0, gapsMs: [] });
    const metrics = [ttftMs, latencyMs, scheduledLatencyMs, queueMs, processingMs, prefillMs, decodeMs, tpotMs];
    expect(metrics.map((metric) => metric(refused))).toEqual(metrics.map(() => null));
  });
});
