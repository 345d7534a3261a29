import { fieldsOf } from "../../results/contest.js";
import type { Results } from "../../results/schema.js";
import { baselineAmong, type Series } from "../../results/series.js";
import { measure, P50, ratioBetween, TOKENS } from "../../results/series-metrics.js";
import { verdictOf } from "../../results/statistics.js";
import { seriesName } from "../axes.js";
import { duration, listed } from "../figures.js";
import { fieldName, verdictSentences } from "../verdict-text.js";
import { change, type Finding, signed } from "./finding.js";

/** More names than this are counted, not listed. */
const MAX_NAMES = 4;

/** Who wins under each load, and what is not decided. */
export function verdicts(results: Results): Finding[] {
  if (!fieldsOf(results).some(({ ranked }) => ranked.length > 1)) return [];
  return verdictSentences(results).map((text) => ({ topic: "verdict", text }));
}

/** Which variant has the lowest median latency. */
export function bestMedianLatency(results: Results): Finding[] {
  const fields = fieldsOf(results);
  return fields.flatMap((field) => {
    const measured = field.ranked.flatMap((series) => {
      const value = measure(series, P50)?.value;
      return value === undefined ? [] : [{ series, value }];
    });
    const [first, ...others] = measured.sort((a, b) => a.value - b.value);
    if (first === undefined || others.length === 0) return [];
    const where = fields.length > 1 ? ` under ${fieldName(field)}` : "";
    const said = tail(
      first.series,
      others.map(({ series }) => series),
    );
    const text = `Best p50 latency${where}: ${duration(first.value)} with ${seriesName(first.series)}${said}.`;
    return [{ topic: "best p50 latency", text }];
  });
}

/** How the winner compares with the un-batched baseline. */
export function gainOverBaseline(results: Results): Finding[] {
  const fields = fieldsOf(results);
  return fields.flatMap((field) => {
    const baseline = baselineAmong(field.ranked);
    const ratio = baseline && baseline !== field.leader ? ratioBetween(field.leader, baseline, TOKENS) : undefined;
    if (baseline === undefined || ratio === undefined || verdictOf(ratio) !== "above") return [];
    const where = fields.length > 1 ? ` under ${fieldName(field)}` : "";
    const text = `Batching gains ${change(ratio)} throughput${where}: ${seriesName(field.leader)} against ${seriesName(baseline)}.`;
    return [{ topic: "gain over the baseline", text }];
  });
}

/** How far the next is behind, or who cannot be told from the best. */
function tail(first: Series, others: readonly Series[]): string {
  const verdict = (series: Series) => {
    const ratio = ratioBetween(series, first, P50);
    return ratio === undefined ? "unknown" : verdictOf(ratio);
  };
  const next = others[0]!;
  if (verdict(next) === "unknown")
    return `; with so few runs the noise is unknown, and ${seriesName(next)} may be as good`;
  const close = others.filter((series) => verdict(series) === "noise");
  if (close.length === 0) return `; next is ${seriesName(next)} with ${signed(ratioBetween(next, first, P50)!.value)}`;
  const names = close.length > MAX_NAMES ? `${close.length} others` : listed(close.map(seriesName));
  return `; ${names} ${close.length === 1 ? "does" : "do"} not differ from it beyond the noise`;
}
