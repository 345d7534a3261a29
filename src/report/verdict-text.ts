/** Verdicts in words: who is faster, who is equal, and what is not decided yet. */
import { type Field, fieldsOf } from "../results/contest.js";
import type { Results, ResultsDesign } from "../results/schema.js";
import type { Series } from "../results/series.js";
import type { Interval } from "../results/statistics.js";
import { MOST_MORE_ROUNDS, type PairVerdict } from "../results/verdict.js";
import { seriesName } from "./axes.js";
import { listed } from "./figures.js";

/** More names than this are counted, not listed. */
const MAX_NAMES = 4;
/** From here on "times as fast" says more than a percentage. */
const TIMES_FROM = 2;

/** One sentence for each load: the whole answer of a bench. */
export function verdictSentences(results: Pick<Results, "runs" | "design">): string[] {
  const fields = fieldsOf(results);
  if (fields.length === 0) return ["No request ended well, so there is nothing to compare."];
  return fields.map((field) => {
    const said = sentence(field, results.design);
    return fields.length > 1 ? `${fieldName(field)}: ${said}` : said;
  });
}

/** What a load is called where several stand side by side. */
export function fieldName({ load, requestSize }: Pick<Field, "load" | "requestSize">): string {
  return load === "" ? `${requestSize} requests` : load;
}

/** A variant's place against the leader, in a table's cell. */
export function placeText(verdict: PairVerdict | undefined, figure: ResultsDesign["figure"]): string {
  if (!verdict) return "not compared";
  const { relation, interval } = verdict;
  if (relation === "equal") return "equal";
  if (relation === "undecided") return `undecided${needs(verdict)}`;
  return interval ? behind(interval, figure) : "slower";
}

function sentence({ ranked, leader, contest }: Field, design: ResultsDesign): string {
  const others = ranked.slice(1).map((series) => ({ series, verdict: contest.pair(leader.label, series.label) }));
  if (others.length === 0) return `${seriesName(leader)} ran alone`;
  const name = seriesName(leader);
  const of = (relation: PairVerdict["relation"]) =>
    others.flatMap(({ series, verdict }) => (verdict?.relation === relation ? [{ series, verdict }] : []));
  const [equal, open, slower] = [of("equal"), of("undecided"), of("faster")];
  const ahead = slower[0] && better(slower, equal.length + open.length === 0, design.figure);
  const within = `equal within ${percentage(design.precision)}`;
  const equals = equal.map(({ series }) => seriesName(series));
  if (open.length > 0) {
    const undecided = namesOf(open.map(({ series, verdict }) => `${seriesName(series)}${needs(verdict)}`));
    const even = equal.length === 0 ? "" : `; ${within} with ${namesOf(equals)}`;
    return `undecided: ${name} leads, but not surely against ${undecided}${even}${ahead ? `; it ${ahead}` : ""}.`;
  }
  if (equal.length === 0) return `${name} ${ahead ?? "leads"}.`;
  const top = equals.length >= MAX_NAMES ? `${name} and ${equals.length} others` : listed([name, ...equals]);
  return `${top} are ${within}${ahead ? `; ${name} ${ahead}` : ""}.`;
}

/** "is faster than static by 12–19 %", or than all others and by how much than the next of them. */
function better(
  slower: readonly { readonly series: Series; readonly verdict: PairVerdict }[],
  all: boolean,
  figure: ResultsDesign["figure"],
): string {
  const [{ series, verdict }] = slower as [(typeof slower)[number]];
  const next = seriesName(series);
  const { interval } = verdict;
  if (slower.length === 1) return interval ? claim(interval, next, figure) : `is faster than ${next}`;
  const which = all ? "all others" : `the other ${slower.length}`;
  const lead = figure === "meanLatency" ? "answers sooner than" : "is faster than";
  return `${lead} ${which}${interval ? ` (than ${byHowMuch(interval, `${next}, the next,`, figure)})` : ""}`;
}

function claim(interval: Interval, than: string, figure: ResultsDesign["figure"]): string {
  if (figure === "meanLatency") return `answers sooner than ${than}: its mean latency is ${lower(interval)} lower`;
  if (interval.low >= TIMES_FROM) return `is ${range(interval.low, interval.high)} times as fast as ${than}`;
  return `is faster than ${byHowMuch(interval, than, figure)}`;
}

function byHowMuch(interval: Interval, than: string, figure: ResultsDesign["figure"]): string {
  if (figure === "meanLatency") return `${than} with a mean latency ${lower(interval)} lower`;
  return `${than} by ${range(100 * (interval.low - 1), 100 * (interval.high - 1))} %`;
}

/** A share as it was asked for: 5 %, 2.5 %. */
export function percentage(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}

/** The same from behind: "10–16 % slower". */
function behind(interval: Interval, figure: ResultsDesign["figure"]): string {
  if (figure === "tokensPerSec") return `${lower(interval)} slower`;
  return `${range(100 * (interval.low - 1), 100 * (interval.high - 1))} % later`;
}

function lower({ low, high }: Interval): string {
  return `${range(100 * (1 - 1 / low), 100 * (1 - 1 / high))} %`;
}

/** Both ends with as many digits as it takes to tell them apart. */
function range(low: number, high: number): string {
  for (const decimals of [0, 1, 2]) {
    const [from, to] = [low.toFixed(decimals), high.toFixed(decimals)];
    if (from !== to && !(decimals === 0 && high < 10)) return `${from}–${to}`;
  }
  return low.toFixed(1);
}

function needs({ moreRounds, rounds }: PairVerdict): string {
  if (moreRounds === undefined || rounds < 2) return " (one round says nothing of the noise)";
  if (moreRounds > MOST_MORE_ROUNDS) return ` (over ${MOST_MORE_ROUNDS} more rounds)`;
  return ` (about ${moreRounds} more ${moreRounds === 1 ? "round" : "rounds"})`;
}

function namesOf(names: readonly string[]): string {
  return names.length > MAX_NAMES
    ? `${names.slice(0, MAX_NAMES - 1).join(", ")} and ${names.length - MAX_NAMES + 1} others`
    : listed(names);
}

/** How many more rounds would decide what is open; undefined when nothing is, or nobody can say. */
export function roundsNeeded(results: Pick<Results, "runs" | "design">): number | undefined {
  const needed = fieldsOf(results).flatMap(({ ranked, leader, contest }) =>
    ranked.flatMap((series: Series) => contest.pair(leader.label, series.label)?.moreRounds ?? []),
  );
  return needed.length === 0 ? undefined : Math.max(...needed);
}
