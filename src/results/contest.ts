/** Who wins under each load, from the runs: what tables, charts, findings and the bench itself go by. */
import type { Results, ResultsDesign, RunResult } from "./schema.js";
import { type Series, seriesOf } from "./series.js";
import { type Contest, judge } from "./verdict.js";

/** Series that had the same requests in the same rounds, and how they stand. */
export interface Field {
  /** The load's name, "" where there is one. */
  readonly load: string;
  readonly requestSize: number;
  /** Those with a figure, best first. */
  readonly ranked: readonly Series[];
  /** Those without: nothing of theirs ended well. */
  readonly failed: readonly Series[];
  readonly leader: Series;
  readonly contest: Contest;
}

/** A figure per round and variant, larger is better. */
export type Scores = Map<string, Map<number, number>>;

/** What decides, larger is better; undefined for a run of which nothing ended well. */
export function scoreOf(run: RunResult, figure: ResultsDesign["figure"]): number | undefined {
  const { tokensPerSec, latencyMs, ok } = run.summary;
  if (ok === 0) return undefined;
  if (figure === "tokensPerSec") return tokensPerSec > 0 ? tokensPerSec : undefined;
  return latencyMs && latencyMs.mean > 0 ? 1000 / latencyMs.mean : undefined;
}

/** Of each variant's rounds, by label. */
export function scoresOf(runs: readonly RunResult[], figure: ResultsDesign["figure"]): Scores {
  const scores: Scores = new Map();
  for (const run of runs) {
    const score = scoreOf(run, figure);
    if (score === undefined) continue;
    const rounds = scores.get(run.label) ?? new Map<number, number>();
    scores.set(run.label, rounds.set(run.run, score));
  }
  return scores;
}

/** A field for each load and size, in the order in which they first ran; none where nothing ended well. */
export function fieldsOf({ runs, design }: Pick<Results, "runs" | "design">): Field[] {
  const groups = new Map<string, RunResult[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.load, run.requestSize, run.workers === null]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].flatMap((group) => fieldOf(group, design));
}

function fieldOf(runs: RunResult[], design: ResultsDesign): Field[] {
  const scores = scoresOf(runs, design.figure);
  const contest = judge(scores, design);
  if (contest === undefined) return [];
  const all = seriesOf({ runs });
  const ratio = ({ label }: Series): number => contest.pair(label, contest.leader)?.ratio.value ?? 0;
  const ranked = all
    .filter(({ label }) => scores.has(label))
    .sort((a, b) => Number(b.label === contest.leader) - Number(a.label === contest.leader) || ratio(b) - ratio(a));
  const { load, requestSize } = runs[0]!;
  const failed = all.filter(({ label }) => !scores.has(label));
  return [{ load, requestSize, ranked, failed, leader: ranked[0]!, contest }];
}
