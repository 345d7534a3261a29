import { describe, expect, it } from "vitest";
import { recordOf, runOf } from "../results/results.fixture.js";
import { summarize } from "../results/summary.js";
import { comparison } from "./comparison.js";

/** A run of one request of 100 tokens that takes so long. */
function run(label: string, number: number, takesMs: number) {
  const requests = [recordOf({ outputTokens: 100, firstTokenMs: 10, lastTokenMs: takesMs, endedMs: takesMs })];
  return runOf({ label, run: number, requests, summary: summarize(requests, { counters: null, objectives: [] }) });
}

describe("the comparison", () => {
  it("marks the winner, and says by how much it beats the baseline and the second", () => {
    const runs = [1, 2, 3].flatMap((number) => [
      run("sequential", number, 1000 + number),
      run("static", number, 500 + number),
      run("continuous", number, 250 + number),
    ]);
    const text = comparison({ runs });
    expect(text).toMatch(/★ continuous .* 3\.9\d× \(3\.\d\d–4\.\d\d\)/);
    expect(text).toMatch(
      /continuous has the highest throughput: 397 tokens\/s, .* that of sequential; 9\d\.\d % more than static\./,
    );
    expect(text.match(/★/g)).toHaveLength(2);
  });

  it("calls a lead within the noise by its name", () => {
    const times = { a: [100, 150, 120], b: [130, 110, 145] };
    const runs = [0, 1, 2].flatMap((index) => [
      run("a", index + 1, times.a[index] ?? 0),
      run("b", index + 1, times.b[index] ?? 0),
    ]);
    expect(comparison({ runs })).toMatch(/a and b lead .* do not differ beyond the noise/);
  });

  it("does not claim to know the noise of fewer than three runs", () => {
    expect(comparison({ runs: [run("a", 1, 100), run("b", 1, 200)] })).toMatch(
      /a has the highest .* fewer than three runs do not show/,
    );
  });

  it("has something to say when nothing ended well", () => {
    const requests = [recordOf({ status: "failed" })];
    const failed = runOf({ requests, summary: summarize(requests, { counters: null, objectives: [] }) });
    expect(comparison({ runs: [failed] })).toMatch(/nothing to compare/);
  });
});
