import { describe, expect, it } from "vitest";
import { recordOf, resultsOf, runOf } from "../results/results.fixture.js";
import type { RequestRecord, RunResult } from "../results/schema.js";
import { parseObjectives } from "../results/slo.js";
import { summarize } from "../results/summary.js";
import { compareResults } from "./compare.js";
import { comparisonText } from "./compare-text.js";
import { judge } from "./demands.js";
import { findings } from "./findings/registry.js";
import { parseLimits, passedLimits } from "./limits.js";
import { parseRequirements } from "./requirements.js";

const NOT_FOUND = {
  status: "failed",
  errorCode: "target_failed",
  error: "http://h answered 404: no such model",
  httpStatus: 404,
  outputTokens: 0,
  firstTokenMs: null,
  lastTokenMs: null,
  startedMs: null,
  gapsMs: [],
} as const satisfies Partial<RequestRecord>;

function run(label: string, ok: Partial<RequestRecord>, failed = 0): RunResult {
  const records = Array.from({ length: 10 }, (_, index) =>
    recordOf({ seq: index + 1, id: `r${index + 1}`, ...(index < failed ? NOT_FOUND : ok) }),
  );
  const summary = summarize(records, { counters: null, objectives: [] });
  return runOf({ label, requests: records, requestSize: 10, summary });
}

/** 10 requests of 2 tokens in 30 ms: 333 requests per second; first token after 20 ms, 10 ms a token. */
const FAST = {};
const SLOW = { firstTokenMs: 200, lastTokenMs: 300, endedMs: 300, gapsMs: [100] };

function verdict(runs: readonly RunResult[], slo?: string, failUnder?: string) {
  return judge(resultsOf({ runs: [...runs] }), {
    objectives: slo === undefined ? [] : parseObjectives(slo),
    requirements: failUnder === undefined ? [] : parseRequirements(failUnder),
  });
}

describe("results without demands", () => {
  it("passes when some requests ended well, and fails when none of a variant did", () => {
    expect(verdict([run("a", FAST, 9)])).toEqual({ passed: true, lines: [] });
    const { passed, lines } = verdict([run("a", FAST), run("b", FAST, 10)]);
    expect(passed).toBe(false);
    expect(lines).toEqual(["FAILED: none of the 10 requests of b ended well"]);
  });
});

describe("objectives", () => {
  it.each([
    ["met", FAST, 0, "ttft_p95<50ms", true, /^met: .*100 % of the requests/],
    ["missed", SLOW, 0, "ttft_p95<50ms", false, /^MISSED: ttft_p95<50ms \(0 % of the requests, 95.0 % wanted\)/],
    ["missed by those that failed", FAST, 1, "ttft_p95<50ms", false, /^MISSED: .*90.0 %/],
    ["missed without data", { ...FAST, outputTokens: 1, gapsMs: [] }, 0, "tpot_p95<1s", false, /no request has this/],
  ] satisfies [string, Partial<RequestRecord>, number, string, boolean, RegExp][])(
    "are %s",
    (_, ok, failed, slo, passed, line) => {
      const outcome = verdict([run("a", ok, failed)], slo);
      expect(outcome.passed).toBe(passed);
      expect(outcome.lines[0]).toMatch(line);
    },
  );

  it("are met when one of several variants meets them", () => {
    const some = verdict([run("a", FAST), run("b", SLOW)], "ttft_p95<50ms");
    expect(some).toMatchObject({ passed: true, lines: [expect.stringMatching(/^met: ttft_p95<50ms by a,/)] });
    const none = verdict([run("a", SLOW), run("b", SLOW)], "ttft_p95<50ms");
    expect(none).toMatchObject({
      passed: false,
      lines: [expect.stringMatching(/^MISSED: .* by all; the best has 0 %/)],
    });
  });
});

describe("requirements", () => {
  it.each([
    ["req/s>5", true],
    ["req/s>500", false],
    ["throughput>=5", true],
    ["tokens/s>1000", false],
    ["p95<2s", true],
    ["ttft_p95<=20ms", true],
    ["ttft_p95<20ms", false],
    ["ok>=100%", true],
    ["failed<1%", true],
    ["queue_p95<1ms", false],
  ])("%s", (text, passed) => {
    expect(verdict([run("a", FAST)], undefined, text).passed).toBe(passed);
  });

  it("hold for every variant, and never without data", () => {
    const { passed, lines } = verdict([run("a", FAST), run("b", SLOW)], undefined, "req/s>100");
    expect(passed).toBe(false);
    expect(lines).toEqual(["met: req/s>100 by a (333 req/s)", "FAILED: req/s>100 by b (33.3 req/s)"]);
    expect(verdict([run("a", FAST, 10)], undefined, "p95<9s,ok>0%").lines).toEqual([
      "FAILED: none of the 10 requests of a ended well",
      "FAILED: p95<9s (no request has this figure)",
      "FAILED: ok>0% (0 %)",
    ]);
  });

  it.each(["req/s", "req/s>5ms", "p95<10%", "p95<2", "ok>5", "speed>1", ""])("refuse %j", (text) => {
    expect(() => parseRequirements(text)).toThrow(/--fail-under: .* is not like "req\/s>5".*metrics are req\/s/);
  });
});

describe("a comparison with failures", () => {
  const results = (failed: number) =>
    resultsOf({ runs: [1, 2, 3].map((repeat) => ({ ...run("a", FAST, failed), run: repeat })) });

  it("fails its gates when more of B's requests failed, whatever the others did", () => {
    const limits = parseLimits("p95>10%");
    const worse = compareResults(results(0), results(9));
    expect(passedLimits(worse, limits)).toEqual(limits);
    expect(comparisonText(worse)).toMatch(/did not end well: 0 % of A's, 90.0 % of B's[\s\S]*B is worse: more of its/);
    expect(passedLimits(compareResults(results(9), results(9)), limits)).toEqual([]);
    expect(passedLimits(compareResults(results(9), results(0)), limits)).toEqual([]);
  });

  it("fails its gates when B has no figures at all", () => {
    const limits = parseLimits("p95>10%");
    const none = compareResults(results(10), results(10));
    expect(passedLimits(none, limits)).toEqual(limits);
    expect(comparisonText(none)).toMatch(/no request that ended well/);
  });
});

it("says why requests failed, once per kind, and who counted tokens", () => {
  const lies = run("a", { tokenCountSource: "contradicted" }, 3);
  const texts = findings(resultsOf({ runs: [lies] })).map(({ text }) => text);
  expect(texts).toContain("3 × http://h answered 404: no such model");
  expect(texts.join("\n")).toMatch(/3 requests of 10 did not end well: 3 × 404/);
  expect(texts.join("\n")).toMatch(/In 7 of 7 answers the server's own count of tokens contradicts what came/);
});
