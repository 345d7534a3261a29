/**
 * How often the bench's verdicts are right, on simulated machines whose truth is known; nothing is timed.
 *
 *     npx tsx benchmarks/verdicts.ts
 *
 * With a results folder: the intervals of its ratios as the bench takes them, round by round, beside those of two
 * independent samples, which is how it took them before.
 *
 *     npx tsx benchmarks/verdicts.ts --from results/NAME
 */
import { Random } from "../src/random.js";
import { readResults } from "../src/report/read.js";
import { fieldsOf } from "../src/results/contest.js";
import { simulateBench, USUAL_NOISE } from "../src/results/rounds.fixture.js";
import type { Series } from "../src/results/series.js";
import { type Estimate, estimate, type Interval, intervalOf, ratioOf } from "../src/results/statistics.js";
import { type Contest, DEFAULT_PRECISION, type Design, judge, LOOKS } from "../src/results/verdict.js";
import { readFlags, text, count as whole } from "./flags.js";

const flags = readFlags("Tries the bench's verdicts on simulated machines.", {
  benches: whole(1000, "simulated benches for each row"),
  seed: whole(1, "of the noise"),
  from: text(undefined, "show the intervals of this results folder instead"),
});

const DESIGN: Design = { looks: LOOKS, precision: DEFAULT_PRECISION };

type Speeds = Record<string, number>;

const CASES: readonly (readonly [string, (random: Random) => Speeds])[] = [
  ["two, equal", () => ({ a: 1, b: 1 })],
  ["six, equal", () => ({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 })],
  ["two, one 15 % faster", () => ({ a: 1, b: 1.15 })],
  ["six, one 15 % faster", () => ({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1.15 })],
  ["two, up to ±15 % apart", (random) => ({ a: 1, b: Math.exp(0.14 * (2 * random.uniform() - 1)) })],
];

class Tally {
  #benches = 0;
  #rounds = 0;
  #falseBenches = 0;
  readonly #leaders = { pairs: 0, found: 0, equal: 0, trulyEqual: 0, undecided: 0 };
  readonly #covered = { pairs: 0, of: 0 };

  add(speeds: Speeds, contest: Contest, rounds: number): void {
    this.#benches++;
    this.#rounds += rounds;
    const labels = Object.keys(speeds);
    let wrong = false;
    for (const [i, a] of labels.entries()) {
      for (const b of labels.slice(i + 1)) {
        const { relation, interval } = contest.pair(a, b)!;
        const truth = speeds[a]! / speeds[b]!;
        this.#covered.of++;
        if (interval && interval.low <= truth && truth <= interval.high) this.#covered.pairs++;
        wrong ||= (relation === "faster" && truth <= 1) || (relation === "slower" && truth >= 1);
      }
    }
    if (wrong) this.#falseBenches++;
    for (const label of labels) if (label !== contest.leader) this.#addToLeader(speeds, contest, label);
  }

  cells(): string[] {
    const { pairs, found, equal, trulyEqual, undecided } = this.#leaders;
    return [
      share(this.#falseBenches, this.#benches),
      share(found, pairs),
      share(equal, pairs),
      share(trulyEqual, equal),
      share(undecided, pairs),
      share(this.#covered.pairs, this.#covered.of),
      (this.#rounds / this.#benches).toFixed(1),
    ];
  }

  #addToLeader(speeds: Speeds, contest: Contest, label: string): void {
    const { relation } = contest.pair(contest.leader, label)!;
    const truth = speeds[contest.leader]! / speeds[label]!;
    this.#leaders.pairs++;
    if (relation === "faster" && truth > 1) this.#leaders.found++;
    if (relation === "undecided") this.#leaders.undecided++;
    if (relation !== "equal") return;
    this.#leaders.equal++;
    if (Math.abs(Math.log(truth)) <= Math.log1p(DEFAULT_PRECISION)) this.#leaders.trulyEqual++;
  }
}

function share(part: number, of: number): string {
  return of === 0 ? "–" : `${((100 * part) / of).toFixed(1)} %`;
}

function study(): void {
  console.log(
    "| variants | noise | benches with a false difference | leader's lead found | called equal | equal and truly within 5 % | undecided | intervals with the truth inside | rounds |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const [name, speedsOf] of CASES) {
    for (const pairSd of [0.05, 0.08, 0.11]) {
      const random = new Random(flags.seed + Math.round(1e4 * pairSd));
      const tally = new Tally();
      for (let i = 0; i < flags.benches; i++) {
        const speeds = speedsOf(random);
        const { scores, rounds } = simulateBench(speeds, { ...USUAL_NOISE, pairSd }, DESIGN, random);
        tally.add(speeds, judge(scores, DESIGN)!, rounds);
      }
      console.log(`| ${[name, `${Math.round(100 * pairSd)} %`, ...tally.cells()].join(" | ")} |`);
    }
  }
}

function widths(folder: string): void {
  console.log("| load | against the leader | round by round | independent samples |\n|---|---|---|---|");
  for (const { load, requestSize, ranked, leader, contest } of fieldsOf(readResults(folder))) {
    for (const series of ranked.filter((other) => other !== leader)) {
      const paired = contest.pair(series.label, leader.label)!.ratio;
      const independent = ratioOf(throughputOf(series), throughputOf(leader));
      const name = `${series.label} ÷ ${leader.label}`;
      console.log(`| ${load || `${requestSize} requests`} | ${name} | ${shown(paired)} | ${shown(independent)} |`);
    }
  }
}

function throughputOf({ runs }: Series): Estimate {
  const values = runs.map((run) => [run.summary.tokensPerSec]);
  return estimate(values, { kind: "mean" })!;
}

function shown(ratio: Estimate): string {
  const interval: Interval | undefined = intervalOf(ratio);
  const reach = interval ? ` (${interval.low.toFixed(3)}–${interval.high.toFixed(3)})` : "";
  return `${ratio.value.toFixed(3)}${reach}`;
}

if (flags.from === undefined) study();
else widths(flags.from);
