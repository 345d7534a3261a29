/**
 * Who is faster, decided round by round. Every pair of variants is tested on its rounds' ratios, at looks that are fixed
 * beforehand; the error of looking is spent over the looks (looks.ts) and that of making many comparisons is held by Holm's
 * procedure, so that of a hundred benches of equal variants three name a difference. The interval beside a ratio is that pair's
 * own, with 95 %: it can leave out 1 while the pair is not decided.
 */
import { levelsOfLooks } from "./looks.js";
import { logRatios, moments, pairedEstimate, type RoundValues, signFlipP, tTestP } from "./paired.js";
import { type Estimate, type Interval, intervalOf, MIN_RUNS_AS_UNITS } from "./statistics.js";
import { studentQuantile } from "./student.js";

/** How the rounds of a bench are read. */
export interface Design {
  /** After so many rounds the pairs are tested, rising; empty: once, at the end. */
  readonly looks: readonly number[];
  /** A difference that is surely smaller, as a share, counts as none. */
  readonly precision: number;
}

/** When a bench looks: a first time when six rounds can tell anything at all, and a last time at fifteen. */
export const LOOKS: readonly number[] = [6, 9, 12, 15];
export const DEFAULT_PRECISION = 0.05;

/** Of the first to the second of a pair; "undecided" is the noise's word. */
export type Relation = "faster" | "slower" | "equal" | "undecided";

export interface PairVerdict {
  /** First ÷ second, larger is better. */
  readonly ratio: Estimate;
  /** Of this pair by itself, with 95 %; undefined for fewer than three rounds. */
  readonly interval: Interval | undefined;
  readonly relation: Relation;
  readonly rounds: number;
  /** By sign flips, where rounds are few enough. */
  readonly exactP: number | undefined;
  /** Undecided pairs: about so many more rounds would decide. */
  readonly moreRounds: number | undefined;
  /** Decided, or known as precisely as is asked for. */
  readonly settled: boolean;
}

export interface Contest {
  /** Nobody is ahead of it in the rounds that both had. */
  readonly leader: string;
  /** Undefined when the two have no round in common. */
  pair(first: string, second: string): PairVerdict | undefined;
}

/** The error that all verdicts of a bench share: below the 5 % of an interval, so that a few hundred benches stay below it too. */
const ALPHA = 0.03;
/** Chance that a difference as large as it looks is found by the rounds that an undecided pair is said to need. */
const POWER_SCORE = 0.84;
/** Further away is "many". */
export const MOST_MORE_ROUNDS = 99;

/**
 * @param scores of each variant a figure per round, larger is better
 * @returns undefined without variants
 */
export function judge(scores: ReadonlyMap<string, RoundValues>, design: Design): Contest | undefined {
  const labels = [...scores.keys()];
  const [first, ...others] = labels;
  if (first === undefined) return undefined;
  const logsOf = (a: string, b: string): number[] => logRatios(scores.get(a)!, scores.get(b)!);
  const leader = others.reduce((best, label) => (meanOf(logsOf(label, best)) > 0 ? label : best), first);
  const pairs = labels.flatMap((a, i) => labels.slice(i + 1).map((b) => ({ key: keyOf(a, b), logs: logsOf(a, b) })));
  const looks = looksMade(Math.max(0, ...pairs.map(({ logs }) => logs.length)), design);
  const decided = decide(pairs, looks);
  return {
    leader,
    pair(a, b) {
      const logs = logsOf(a, b);
      return logs.length === 0
        ? undefined
        : verdictOfPair(logs, decided.has(keyOf(a, b)), { pairs: pairs.length, looks, design });
    },
  };
}

/**
 * Who goes on after a look: the leader and those whose place against it is not settled; nobody when all are.
 *
 * @param labels those that ran in the last round
 */
export function goOn(scores: ReadonlyMap<string, RoundValues>, labels: readonly string[], design: Design): string[] {
  const contest = judge(scores, design);
  if (contest === undefined) return [...labels];
  const open = labels.filter((label) => label !== contest.leader && !contest.pair(contest.leader, label)?.settled);
  return open.length === 0 ? [] : labels.filter((label) => label === contest.leader || open.includes(label));
}

/** The looks of a bench that has come so far. */
interface LooksMade {
  /** After how many rounds each was. */
  readonly rounds: readonly number[];
  /** Which share of the planned rounds that is. */
  readonly shares: readonly number[];
}

/** A bench that ends between two looks looks a last time. */
function looksMade(rounds: number, { looks }: Design): LooksMade {
  const planned = Math.max(rounds, ...looks);
  const made = [...looks.filter((look) => look < rounds), rounds].filter((look) => look >= MIN_RUNS_AS_UNITS);
  return { rounds: made, shares: made.map((look) => (looks.length === 0 ? 1 : look / planned)) };
}

/** The keys of the pairs that differ. */
function decide(
  pairs: readonly { key: string; logs: readonly number[] }[],
  { rounds, shares }: LooksMade,
): ReadonlySet<string> {
  const decided = new Set<string>();
  for (const [index, look] of rounds.entries()) {
    const tested = pairs
      .filter(({ key, logs }) => !decided.has(key) && logs.length >= look)
      .map(({ key, logs }) => ({ key, p: tTestP(logs.slice(0, look)) }))
      .sort((a, b) => a.p - b.p);
    for (const { key, p } of tested) {
      const level = levelsOfLooks(shares, ALPHA / (pairs.length - decided.size))[index]!;
      if (p > level) break;
      decided.add(key);
    }
  }
  return decided;
}

function verdictOfPair(
  logs: readonly number[],
  differs: boolean,
  { pairs, looks, design }: { pairs: number; looks: LooksMade; design: Design },
): PairVerdict {
  const ratio = pairedEstimate(logs)!;
  const interval = logs.length < MIN_RUNS_AS_UNITS ? undefined : intervalOf(ratio);
  const { precision } = design;
  // Looking for equality several times would find it by chance as well: the interval that shows it is the look's.
  const look = looks.rounds.findIndex((rounds) => rounds >= logs.length);
  const level = look < 0 ? ALPHA : levelsOfLooks(looks.shares, ALPHA)[look]!;
  const sure = interval && intervalOf(ratio, 1 - level);
  const equal = sure !== undefined && sure.high <= 1 + precision && sure.low >= 1 / (1 + precision);
  const direction = ratio.value > 1 ? "faster" : "slower";
  const relation = equal ? "equal" : differs ? direction : "undecided";
  const narrow = sure !== undefined && Math.log(sure.high / sure.low) / 2 <= Math.log1p(precision);
  return {
    ratio,
    interval,
    relation,
    rounds: logs.length,
    exactP: signFlipP(logs),
    moreRounds: relation === "undecided" ? moreRounds(logs, pairs, precision) : undefined,
    settled: relation !== "undecided" || narrow,
  };
}

/** Until the difference is found, or is known to be smaller than matters, whichever comes first if all goes on as it was. */
function moreRounds(logs: readonly number[], pairs: number, precision: number): number | undefined {
  if (logs.length < 2) return undefined;
  const { mean, sd } = moments(logs);
  const score = studentQuantile(1 - ALPHA / pairs / 4, Math.max(logs.length - 1, 5));
  const toDiffer = ((score + POWER_SCORE) * sd) / Math.abs(mean);
  const room = Math.log1p(precision) - Math.abs(mean);
  const toEqual = room > 0 ? (2.1 * sd) / room : Number.POSITIVE_INFINITY;
  const needed = Math.ceil(Math.min(toDiffer, toEqual) ** 2);
  return Math.max(1, Math.min(MOST_MORE_ROUNDS + 1, needed - logs.length));
}

function meanOf(logs: readonly number[]): number {
  return logs.reduce((sum, log) => sum + log, 0) / Math.max(1, logs.length);
}

function keyOf(a: string, b: string): string {
  return a < b ? JSON.stringify([a, b]) : JSON.stringify([b, a]);
}
