import { describe, expect, it } from "vitest";
import { recordOf, resultsOf, runOf } from "../results/results.fixture.js";
import { summarize } from "../results/summary.js";
import { comparison } from "./comparison.js";

/** A run of one request of 100 tokens that takes so long. */
function run(label: string, number: number, takesMs: number) {
  const requests = [recordOf({ outputTokens: 100, firstTokenMs: 10, lastTokenMs: takesMs, endedMs: takesMs })];
  const summary = summarize(requests, { counters: null, objectives: [] });
  return runOf({ label, run: number, requests, summary, ...(label === "sequential" ? { maxSequences: 1 } : {}) });
}

describe("the comparison", () => {
  it("says first who is faster and by how much, and marks the winner", () => {
    const runs = [1, 2, 3].flatMap((number) => [
      run("sequential", number, 1000 + number),
      run("static", number, 500 + number),
      run("continuous", number, 250 + number),
    ]);
    const lines = comparison(resultsOf({ runs })).split("\n");
    expect(lines[0]).toMatch(/^continuous is faster than all others \(than static, the next, by 98–100 %\)\.$/);
    expect(lines.slice(1).find((line) => line.startsWith("continuous "))).toMatch(/ 3\.9\d× .* ★$/);
    expect(lines.slice(1).find((line) => line.startsWith("static "))).toMatch(/ 49\.\d–\d+\.\d % slower$/);
  });

  it("calls a lead within the noise undecided, and says what it would take", () => {
    const times = { a: [100, 150, 120], b: [130, 110, 145] };
    const runs = [0, 1, 2].flatMap((index) => [
      run("a", index + 1, times.a[index] ?? 0),
      run("b", index + 1, times.b[index] ?? 0),
    ]);
    expect(comparison(resultsOf({ runs }))).toMatch(
      /^undecided: a leads, but not surely against b \((about \d+|over 99) more rounds\)\./,
    );
  });

  it("calls a difference that does not matter equal", () => {
    const runs = [1, 2, 3, 4].flatMap((number) => [run("a", number, 100 + number), run("b", number, 101 + number)]);
    expect(comparison(resultsOf({ runs }))).toMatch(/^a and b are equal within 5 %\./);
    expect(comparison({ runs, design: { looks: [], precision: 0.005, figure: "tokensPerSec" } })).toMatch(
      /^a is faster than b by 0\.\d+–1\.\d+ %\./,
    );
  });

  it("does not claim to know the noise of fewer than three runs", () => {
    expect(comparison(resultsOf({ runs: [run("a", 1, 100), run("b", 1, 200)] }))).toMatch(
      /^undecided: a leads, but not surely against b \(one round says nothing of the noise\)\./,
    );
  });

  it("speaks of latency where the load sets the pace", () => {
    const runs = [1, 2, 3, 4].flatMap((number) => [run("a", number, 100 + number), run("b", number, 200 + number)]);
    expect(comparison({ runs, design: { looks: [], precision: 0.05, figure: "meanLatency" } })).toMatch(
      /^a answers sooner than b: its mean latency is 49–50 % lower\./,
    );
  });

  it("has something to say when nothing ended well", () => {
    const requests = [recordOf({ status: "failed" })];
    const failed = runOf({ requests, summary: summarize(requests, { counters: null, objectives: [] }) });
    expect(comparison(resultsOf({ runs: [failed] }))).toMatch(/nothing to compare/);
  });
});
