import type { Results } from "../../results/schema.js";
import { type Series, seriesOf, sizesOf } from "../../results/series.js";
import { type Estimate, ratioOf, verdictOf } from "../../results/statistics.js";
import { seriesName } from "../axes.js";
import { digits, duration } from "../figures.js";
import { type Metric, measure, P50, TOKENS } from "../metrics.js";
import { change, type Finding, listed, signed } from "./finding.js";

/** More names than this are counted, not listed. */
const MAX_NAMES = 4;

interface Measured {
  readonly series: Series;
  readonly estimate: Estimate;
}

/** Which variant has the highest throughput. */
export function bestThroughput(results: Results): Finding[] {
  return best(results, TOKENS, "best throughput", (value) => `${digits(value)} tokens/s`);
}

/** Which variant has the lowest median latency. */
export function bestMedianLatency(results: Results): Finding[] {
  return best(results, P50, "best p50 latency", duration);
}

/** How the winner compares with the un-batched baseline. */
export function gainOverBaseline(results: Results): Finding[] {
  const ranked = rank(results, TOKENS);
  const baseline = ranked.find(({ series }) => series.baseline || series.label === "sequential");
  const [first] = ranked;
  if (baseline === undefined || first === undefined || first === baseline) return [];
  const ratio = ratioOf(first.estimate, baseline.estimate);
  if (verdictOf(ratio) !== "above") return [];
  const text = `Batching gains ${change(ratio)} throughput: ${seriesName(first.series)} against ${seriesName(baseline.series)}.`;
  return [{ topic: "gain over the baseline", text }];
}

function best(results: Results, metric: Metric, topic: string, show: (value: number) => string): Finding[] {
  const ranked = rank(results, metric);
  const [first, ...others] = ranked;
  if (first === undefined || others.length === 0) return [];
  const close = others.filter(({ estimate }) => isClose(first.estimate, estimate));
  const title = `${topic.charAt(0).toUpperCase()}${topic.slice(1)}: ${show(first.estimate.value)} with ${seriesName(first.series)}`;
  const atSize = sizesOf(seriesOf(results)).length > 1 ? ` at ${first.series.requestSize} requests` : "";
  return [{ topic, text: `${title}${atSize}${tail(first, others, close)}.` }];
}

function isClose(best: Estimate, other: Estimate): boolean {
  return ["noise", "unknown"].includes(verdictOf(ratioOf(other, best)));
}

/** How far the next is behind, or who cannot be told from the best. */
function tail(first: Measured, others: readonly Measured[], close: readonly Measured[]): string {
  const known = verdictOf(ratioOf(others[0]!.estimate, first.estimate)) !== "unknown";
  if (!known) return `; with so few runs the noise is unknown, and ${seriesName(others[0]!.series)} may be as good`;
  if (close.length === 0) {
    const next = others[0]!;
    return `; next is ${seriesName(next.series)} with ${signed(next.estimate.value / first.estimate.value)}`;
  }
  const names =
    close.length > MAX_NAMES ? `${close.length} others` : listed(close.map(({ series }) => seriesName(series)));
  return `; ${names} ${close.length === 1 ? "does" : "do"} not differ from it beyond the noise`;
}

/** Variants at the largest number of requests, best first. */
function rank(results: Results, metric: Metric): Measured[] {
  const allSeries = seriesOf(results).filter((series) => series.workers === null);
  const size = sizesOf(allSeries).at(-1);
  return allSeries
    .filter((series) => series.requestSize === size)
    .flatMap((series) => {
      const estimate = measure(series, metric);
      return estimate === undefined ? [] : [{ series, estimate }];
    })
    .sort((a, b) => (metric.higherIsBetter ? -1 : 1) * (a.estimate.value - b.estimate.value));
}
