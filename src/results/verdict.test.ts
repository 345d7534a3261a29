import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { simulateBench, USUAL_NOISE } from "./rounds.fixture.js";
import { DEFAULT_PRECISION, type Design, goOn, judge, LOOKS } from "./verdict.js";

const DESIGN: Design = { looks: LOOKS, precision: DEFAULT_PRECISION };
const ONCE: Design = { looks: [], precision: DEFAULT_PRECISION };

function scores(given: Record<string, readonly number[]>): Map<string, Map<number, number>> {
  return new Map(Object.entries(given).map(([label, values]) => [label, new Map(values.map((v, i) => [i + 1, v]))]));
}

describe("a verdict", () => {
  it("says faster, equal or undecided, and from which side", () => {
    const contest = judge(
      scores({ fast: [20, 21, 19, 20], slow: [10, 10.3, 9.7, 10], twin: [20, 21.1, 18.9, 20], wild: [30, 9, 14, 40] }),
      ONCE,
    )!;
    expect(contest.pair("fast", "slow")).toMatchObject({ relation: "faster", settled: true, moreRounds: undefined });
    expect(contest.pair("slow", "fast")).toMatchObject({ relation: "slower" });
    expect(contest.pair("twin", "fast")).toMatchObject({ relation: "equal", settled: true });
    const wild = contest.pair("wild", "fast")!;
    expect(wild).toMatchObject({ relation: "undecided", settled: false });
    expect(wild.moreRounds).toBeGreaterThan(1);
  });

  it("calls a sure but tiny difference equal", () => {
    const contest = judge(scores({ a: [100, 100, 100], b: [100.1, 100.1, 100.1] }), ONCE)!;
    expect(contest.pair("b", "a")?.relation).toBe("equal");
  });

  it("judges nothing from one or two rounds", () => {
    const contest = judge(scores({ a: [100, 101], b: [200, 203] }), ONCE)!;
    expect(contest.leader).toBe("b");
    expect(contest.pair("b", "a")).toMatchObject({ relation: "undecided", interval: undefined });
    expect(judge(new Map(), ONCE)).toBeUndefined();
  });

  it("asks for more the more variants are compared", () => {
    const pair = { a: [10, 11, 10, 10.5, 10.2, 10.4], b: [11, 11.4, 10.2, 11.6, 10.6, 11.2] };
    expect(judge(scores(pair), DESIGN)?.pair("b", "a")?.relation).toBe("faster");
    const noise = Object.fromEntries(
      [..."cdefghijkl"].map((label, i) => [label, pair.a.map((v, j) => v + ((i * 7 + j * 3) % 5) / 3)]),
    );
    expect(judge(scores({ ...pair, ...noise }), DESIGN)?.pair("b", "a")?.relation).toBe("undecided");
  });
});

describe("who goes on", () => {
  it("leaves out whoever is decided, and ends when all are", () => {
    const six = { lead: [20, 20.1, 19.9, 20, 20.2, 19.8], far: [10, 10.1, 9.9, 10.1, 10, 9.9] };
    expect(goOn(scores(six), ["lead", "far"], DESIGN)).toEqual([]);
    const open = scores({ ...six, near: [19, 22, 17, 23, 18, 21] });
    expect(goOn(open, ["lead", "far", "near"], DESIGN)).toEqual(["lead", "near"]);
  });
});

/** The whole study is `benchmarks/verdicts.ts`. */
describe("on machines whose truth is known", () => {
  function tried(speeds: Record<string, number>, pairSd: number, benches: number, seed: number) {
    const random = new Random(seed);
    return Array.from({ length: benches }, () => {
      const { scores: measured } = simulateBench(speeds, { ...USUAL_NOISE, pairSd }, DESIGN, random);
      const contest = judge(measured, DESIGN)!;
      return Object.keys(speeds)
        .filter((label) => label !== contest.leader)
        .map((label) => contest.pair(contest.leader, label)!.relation);
    });
  }

  it.each([0.05, 0.11])("names no difference between equals: noise %d", (pairSd) => {
    const benches = tried({ a: 1, b: 1, c: 1 }, pairSd, 200, 7);
    const wrong = benches.filter((relations) =>
      relations.some((relation) => relation !== "equal" && relation !== "undecided"),
    );
    expect(wrong.length).toBeLessThanOrEqual(10);
  });

  it("finds 15 % where pairs scatter by 11 %", () => {
    const found = tried({ a: 1, b: 1.15 }, 0.11, 100, 9).filter(([relation]) => relation === "faster");
    expect(found.length).toBeGreaterThanOrEqual(90);
  });
});
