/**
 * Whether B is slower than A. Runs of the same variant are held against each other, metric by metric; over several
 * variants the mean factor decides, which many small noises cannot move. All intervals hold together with 95 % confidence
 * (Bonferroni), so that looking at many figures does not find differences that are not there.
 */

import { SluiceError } from "../errors.js";
import type { Results, RunResult } from "../results/schema.js";
import { failedIn, type Series, seriesKey, seriesOf } from "../results/series.js";
import {
  type Metric,
  measure,
  P50,
  P95,
  P99,
  ratioBetween,
  THROUGHPUT,
  TOKENS,
  TPOT_P50,
  TTFT_P50,
  TTFT_P95,
} from "../results/series-metrics.js";
import {
  type Estimate,
  geometricMean,
  type Interval,
  intervalOf,
  jointConfidence,
  ratioOf,
} from "../results/statistics.js";
import { seriesName } from "./axes.js";

/** What is compared unless a limit names more. */
const COMPARED: readonly Metric[] = [THROUGHPUT, TOKENS, P50, P95, P99, TTFT_P50, TTFT_P95, TPOT_P50];

/** "unknown": too few repeats to tell noise from difference. */
export type Outcome = "better" | "worse" | "noise" | "unknown";

export interface ComparedMetric {
  readonly metric: Metric;
  /** B ÷ A, over all common variants. */
  readonly ratio: Estimate;
  readonly interval: Interval | undefined;
  readonly outcome: Outcome;
}

/** A variant in which a metric differs by itself. */
export interface ComparedVariant extends ComparedMetric {
  readonly variant: string;
}

export interface Comparison {
  readonly variants: number;
  /** Variants that only one of the two has. */
  readonly unmatched: readonly string[];
  readonly metrics: readonly ComparedMetric[];
  /** Beyond the noise on their own; empty with a single variant. */
  readonly outliers: readonly ComparedVariant[];
  readonly verdict: Outcome;
  /** How often the variant with the fewest repeats ran. */
  readonly repeats: number;
  /** What the two have not in common beside what is compared: a model, a length, a load. */
  readonly differences: readonly string[];
  /** Shares of the requests that did not end well, and are in no other figure. */
  readonly failed: { readonly a: number; readonly b: number };
}

/** More failures than this, beyond those of A, and B's figures are of other requests than A's. */
const MORE_FAILED = 0.01;

/** Whether more of B's requests failed than of A's: what the others did does not make B better. */
export function failsMore({ failed }: Pick<Comparison, "failed">): boolean {
  return failed.b > failed.a + MORE_FAILED;
}

/**
 * @param extra metrics to compare besides the usual ones
 * @throws SluiceError `results_invalid` when the two have no variant in common, or one ran in virtual time and one in real time
 */
export function compareResults(a: Results, b: Results, extra: readonly Metric[] = []): Comparison {
  refuseMixedClocks(a, b);
  const pairs = pairSeries(a, b);
  const metrics = [...new Set([...COMPARED, ...extra])];
  const measured = metrics.flatMap((metric) => {
    const parts = pairs.matched.flatMap(([from, to]) => partOf(from, to, metric));
    return parts.length === 0 ? [] : [{ metric, parts }];
  });
  const perSetting = pairs.matched.length > 1 ? measured.flatMap(({ parts }) => parts) : [];
  const confidence = jointConfidence(measured.length + perSetting.length);
  const compared = measured.map(({ metric, parts }) =>
    judge(metric, geometricMean(parts.map((part) => part.ratio)), confidence),
  );
  const outliers = perSetting
    .map(({ metric, ratio, variant }) => ({ ...judge(metric, ratio, confidence), variant }))
    .filter(({ outcome }) => outcome === "worse" || outcome === "better");
  return {
    variants: pairs.matched.length,
    unmatched: pairs.unmatched,
    metrics: compared,
    outliers,
    verdict: verdictOver([...compared, ...outliers]),
    repeats: Math.min(...pairs.matched.flat().map((series) => series.runs.length)),
    differences: differencesOf(a, b),
    failed: { a: failedShare(pairs.matched.map(([from]) => from)), b: failedShare(pairs.matched.map(([, to]) => to)) },
  };
}

/** A cost formula's milliseconds are not a machine's. */
function refuseMixedClocks(a: Results, b: Results): void {
  const [clocksA, clocksB] = [a, b].map(({ runs }) => [...new Set(runs.map((run) => run.clock))].join(" and "));
  if (clocksA === clocksB) return;
  throw new SluiceError(
    "results_invalid",
    `A was measured in ${clocksA} time, B in ${clocksB} time: their figures mean different things`,
  );
}

/** Settings that decide how much work a request is. */
const WORK_SETTINGS = [
  "maxTokens",
  "outputLengths",
  "promptLengths",
  "prompts",
  "maxConcurrent",
  "concurrency",
  "temperature",
];

function differencesOf(a: Results, b: Results): string[] {
  const settings = WORK_SETTINGS.flatMap((name) => {
    const [from, to] = [a, b].map(({ settings }) => JSON.stringify(settings[name] ?? null));
    return from === to ? [] : [`${name} ${from} and ${to}`];
  });
  const [from, to] = [a.manifest, b.manifest];
  return [
    ...(from.model.name === to.model.name ? [] : [`the model, ${from.model.name} and ${to.model.name}`]),
    ...(from.machine.cpu === to.machine.cpu ? [] : [`the processor, ${from.machine.cpu} and ${to.machine.cpu}`]),
    ...settings,
  ];
}

function pairSeries(a: Results, b: Results): { matched: [Series, Series][]; unmatched: string[] } {
  const [inA, inB] = [a, b].map((results) => new Map(seriesOf(results).map((series) => [seriesKey(series), series])));
  const matched = [...inA!].flatMap(([key, from]): [Series, Series][] => {
    const to = inB!.get(key);
    return to === undefined ? [] : [[from, to]];
  });
  const only = (from: Map<string, Series>, other: Map<string, Series>): Series[] =>
    [...from].filter(([key]) => !other.has(key)).map(([, series]) => series);
  if (matched.length === 0) {
    const [namesA, namesB] = [a, b].map((results) => namesOf(results));
    throw new SluiceError("results_invalid", `the two have no variant in common: A has ${namesA}; B has ${namesB}`);
  }
  return { matched, unmatched: [...only(inA!, inB!), ...only(inB!, inA!)].map(fullName) };
}

function failedShare(all: readonly Series[]): number {
  const requests = all.flatMap(({ runs }) => runs).reduce((sum, { summary }) => sum + summary.requests, 0);
  return requests === 0 ? 0 : all.reduce((sum, series) => sum + failedIn(series), 0) / requests;
}

function partOf(from: Series, to: Series, metric: Metric): { metric: Metric; ratio: Estimate; variant: string }[] {
  const [a, b] = [measure(from, metric), measure(to, metric)];
  if (a === undefined || b === undefined || !(a.value > 0) || !(b.value > 0)) return [];
  const ratio = pairs(from, to) ? ratioBetween(to, from, metric) : ratioOf(b, a);
  return ratio === undefined ? [] : [{ metric, ratio, variant: fullName(from) }];
}

/**
 * Whether the repeats are compared one by one: the work differs from repeat to repeat, and both sides had the same in
 * each. Where all repeats have the same work there is nothing to cancel, and independent samples say more.
 */
function pairs(from: Series, to: Series): boolean {
  const [a, b] = [from, to].map((series) => series.runs.map(workOf));
  return a!.length === b!.length && a!.every((work, i) => work === b![i]) && new Set(a).size > 1;
}

/** How long the outputs of a run are: what moves its figures most. */
function workOf({ requests }: RunResult): string {
  return requests.map(({ outputTokens }) => outputTokens).join(" ");
}

function judge(metric: Metric, ratio: Estimate, confidence: number): ComparedMetric {
  const interval = intervalOf(ratio, confidence);
  return { metric, ratio, interval, outcome: outcomeOf(metric, ratio, interval) };
}

/** With fewer than three runs nothing is known of the noise between runs, however many requests they had. */
function outcomeOf(metric: Metric, ratio: Estimate, interval: Interval | undefined): Outcome {
  if (interval === undefined || ratio.unit === "requests") return "unknown";
  if (interval.low <= 1 && interval.high >= 1) return "noise";
  return interval.low > 1 === metric.higherIsBetter ? "better" : "worse";
}

/** A single figure that got worse makes B worse. */
function verdictOver(compared: readonly { outcome: Outcome }[]): Outcome {
  const outcomes = new Set(compared.map(({ outcome }) => outcome));
  for (const outcome of ["worse", "better", "noise"] as const) if (outcomes.has(outcome)) return outcome;
  return "unknown";
}

function fullName(series: Series): string {
  return `${seriesName(series)}, ${series.requestSize} requests`;
}

function namesOf(results: Results): string {
  const names = seriesOf(results).map(fullName);
  return names.length > 3 ? `${names.slice(0, 3).join("; ")} and ${names.length - 3} more` : names.join("; ");
}
