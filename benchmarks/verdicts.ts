/**
 * How often the bench's verdicts are right, on simulated machines whose truth is known. Nothing is timed.
 *
 *     npx tsx benchmarks/verdicts.ts
 */
import { Random } from "../src/random.js";
import { simulateBench, USUAL_NOISE } from "../src/results/rounds.fixture.js";
import { DEFAULT_PRECISION, type Design, judge, LOOKS, type PairVerdict } from "../src/results/verdict.js";
import { readFlags, count as whole } from "./flags.js";

const flags = readFlags("Tries the bench's verdicts on simulated machines.", {
  benches: whole(1000, "simulated benches for each row"),
  seed: whole(1, "of the noise"),
});

const DESIGN: Design = { looks: LOOKS, precision: DEFAULT_PRECISION };

interface Tally {
  benches: number;
  rounds: number;
  /** Benches in which at least one pair was said to differ that does not. */
  falseBenches: number;
  found: number;
  wrongWay: number;
  equal: number;
  equalTrue: number;
  undecided: number;
  pairs: number;
  covered: number;
}

function tried(speedsOf: (random: Random) => Record<string, number>, pairSd: number): Tally {
  const tally: Tally = {
    benches: 0,
    rounds: 0,
    falseBenches: 0,
    found: 0,
    wrongWay: 0,
    equal: 0,
    equalTrue: 0,
    undecided: 0,
    pairs: 0,
    covered: 0,
  };
  const random = new Random(flags.seed + Math.round(1e4 * pairSd));
  for (let i = 0; i < flags.benches; i++) {
    const speeds = speedsOf(random);
    const { scores, rounds } = simulateBench(speeds, { ...USUAL_NOISE, pairSd }, DESIGN, random);
    const contest = judge(scores, DESIGN)!;
    tally.benches++;
    tally.rounds += rounds;
    let wrong = false;
    for (const label of Object.keys(speeds)) {
      if (label === contest.leader) continue;
      const truth = speeds[contest.leader]! / speeds[label]!;
      const verdict = contest.pair(contest.leader, label)!;
      count(tally, verdict, truth);
      wrong ||= truth === 1 && (verdict.relation === "faster" || verdict.relation === "slower");
    }
    if (wrong) tally.falseBenches++;
  }
  return tally;
}

function count(tally: Tally, { relation, interval }: PairVerdict, truth: number): void {
  tally.pairs++;
  if (interval && interval.low <= truth && truth <= interval.high) tally.covered++;
  if (relation === "equal") {
    tally.equal++;
    if (Math.abs(Math.log(truth)) <= Math.log1p(DEFAULT_PRECISION)) tally.equalTrue++;
  }
  if (relation === "undecided") tally.undecided++;
  if (relation === "faster" && truth > 1) tally.found++;
  if ((relation === "faster" && truth < 1) || (relation === "slower" && truth > 1)) tally.wrongWay++;
}

const share = (part: number, of: number): string => (of === 0 ? "–" : `${((100 * part) / of).toFixed(1)} %`);

const CASES: readonly (readonly [string, (random: Random) => Record<string, number>])[] = [
  ["A/A, two", () => ({ a: 1, b: 1 })],
  ["A/A, six", () => ({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 })],
  ["+15 %, two", () => ({ a: 1, b: 1.15 })],
  ["+15 % ahead of five equal", () => ({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1.15 })],
  ["any difference up to ±15 %, two", (random) => ({ a: 1, b: Math.exp(0.14 * (2 * random.uniform() - 1)) })],
];

console.log(
  "| truth | noise (sd of a pair's log ratio) | benches with a false difference | difference found | wrong way | called equal | of these within 5 % | undecided | interval covers the truth | rounds |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|");
for (const [name, speedsOf] of CASES) {
  for (const pairSd of [0.05, 0.08, 0.11]) {
    const t = tried(speedsOf, pairSd);
    const cells = [
      name,
      `${Math.round(100 * pairSd)} %`,
      share(t.falseBenches, t.benches),
      share(t.found, t.pairs),
      share(t.wrongWay, t.pairs),
      share(t.equal, t.pairs),
      share(t.equalTrue, t.equal),
      share(t.undecided, t.pairs),
      share(t.covered, t.pairs),
      (t.rounds / t.benches).toFixed(1),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
