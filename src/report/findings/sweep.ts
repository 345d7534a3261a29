import type { Axis, Results, SettingValue } from "../../results/schema.js";
import { type Series, seriesOf } from "../../results/series.js";
import { type Metric, measure, P50, P95, ratioBetween, THROUGHPUT } from "../../results/series-metrics.js";
import { type Estimate, geometricMean, verdictOf } from "../../results/statistics.js";
import { batchAxisOf, describeAxes, describeAxis, seriesName } from "../axes.js";
import { digits, listed } from "../figures.js";
import { change, type Finding, signed } from "./finding.js";

/** A larger batch that brings less than this is said to bring nothing. */
const WORTHWHILE = 1.05;
/** The lab's requirement: so much throughput against the un-batched baseline, from this batch size on. */
const REQUIRED_GAIN = 1.5;
const REQUIRED_FROM_BATCH = 4;

/** Where throughput stops rising with the batch size, and how full the batches were there. */
export function saturation(results: Results): Finding[] {
  const levels = bestPerBatch(results);
  if (levels.length < 3) return [];
  const last = levels.at(-1)!;
  const knee = levels.find((level) => levels.every((other) => other.batch <= level.batch || !gains(other, level)));
  if (knee === undefined || knee === last) {
    const before = levels.at(-2)!;
    const ratio = ratioBetween(last.series, before.series, THROUGHPUT)!;
    // A rise inside the noise shows neither that it goes on nor that it stops.
    if (verdictOf(ratio) !== "above") return [];
    const text = `Throughput still rises at the largest batch: ${change(ratio)} from ${before.batch} to ${last.batch}; the sweep does not show where it saturates.`;
    return [{ topic: "saturation", text, met: false }];
  }
  const ratio = ratioBetween(last.series, knee.series, THROUGHPUT)!;
  const fill = fillText(knee, last);
  const text = `Throughput saturates at batch ${knee.batch}: going on to ${last.batch} changes it by ${change(ratio)}${fill}.`;
  return [{ topic: "saturation", text, met: true }];
}

/** The lab's acceptance: batches of four and more against the un-batched baseline. */
export function gainRequirement(results: Results): Finding[] {
  const axis = batchAxisOf(results);
  const allSeries = seriesOf(results);
  const base = allSeries.find((series) => series.baseline);
  if (axis === undefined || base === undefined) return [];
  const ratios = allSeries
    .filter((series) => !series.baseline && Number(series.axes[axis]) >= REQUIRED_FROM_BATCH)
    .flatMap((series) => {
      const ratio = ratioBetween(series, base, THROUGHPUT);
      return ratio === undefined ? [] : [{ series, ratio }];
    })
    .sort((a, b) => a.ratio.value - b.ratio.value);
  const [least] = ratios;
  if (least === undefined) return [];
  const met = least.ratio.value >= REQUIRED_GAIN;
  const verdict = met ? "every one has" : "not every one has";
  const text = `Of the variants with batches of ${REQUIRED_FROM_BATCH} and more, ${verdict} at least 50 % more throughput than the un-batched baseline: the least is ${change(least.ratio)} (${seriesName(least.series)}).`;
  return [{ topic: "gain at batch 4 and more", text, met }];
}

/** What batching costs in p95 latency against the un-batched baseline. */
export function tailAgainstBaseline(results: Results): Finding[] {
  const axis = batchAxisOf(results);
  const allSeries = seriesOf(results);
  const base = allSeries.find((series) => series.baseline);
  if (axis === undefined || base === undefined) return [];
  const ratios = allSeries
    .filter((series) => !series.baseline && Number(series.axes[axis]) >= REQUIRED_FROM_BATCH)
    .flatMap((series) => ratioBetween(series, base, P95) ?? []);
  if (ratios.length === 0) return [];
  const overall = geometricMean(ratios);
  const verdict = verdictOf(overall);
  if (verdict === "unknown") return [];
  const said =
    verdict === "noise" ? "does not differ beyond the noise" : verdict === "above" ? "is higher" : "is lower";
  const text = `p95 latency at batch ${REQUIRED_FROM_BATCH} and more ${said} against the un-batched baseline: ${change(overall)} over ${ratios.length} allSeries.`;
  return [{ topic: "p95 against the baseline", text }];
}

/** `maxBatchSize` 1 is the un-batched baseline by another name, and must measure the same. */
export function batchOfOne(results: Results): Finding[] {
  const axis = batchAxisOf(results);
  const allSeries = seriesOf(results);
  const base = allSeries.find((series) => series.baseline);
  const one = allSeries.find((series) => axis !== undefined && !series.baseline && series.axes[axis] === 1);
  const ratio = base && one && ratioBetween(one, base, THROUGHPUT);
  if (ratio === undefined || verdictOf(ratio) === "unknown") return [];
  const met = verdictOf(ratio) === "noise" || Math.abs(ratio.value - 1) < 0.02;
  const said = met ? "equals the un-batched baseline within the noise" : "differs from the un-batched baseline";
  return [{ topic: "batch of one", text: `A largest batch of 1 ${said}: throughput ${change(ratio)}.`, met }];
}

/** What each other axis changed between its first and its last value, all else equal. */
export function axisEffects(results: Results): Finding[] {
  const batchAxis = batchAxisOf(results);
  return results.axes
    .filter((axis) => axis.name !== batchAxis && axis.values.length > 1)
    .flatMap(({ name, role, values }) => {
      const [from, to] = typeof values[0] === "boolean" ? [false, true] : [values[0]!, values.at(-1)!];
      return axisEffect(results, { name, role, from, to });
    });
}

function axisEffect(results: Results, axis: AxisStep): Finding[] {
  const effects = [P50, THROUGHPUT].map((metric) => ({ metric, pairs: pairsAlong(results, axis, metric) }));
  if (effects.some(({ pairs }) => pairs.length === 0)) return [];
  const step = `${describeAxis(axis, axis.to)} instead of ${describeAxis(axis, axis.from)}`;
  const said = effects.map(({ metric, pairs }) => {
    const overall = geometricMean(pairs.map(({ ratio }) => ratio));
    const verdict = verdictOf(overall);
    if (verdict === "unknown") return `${metric.title} ${signed(overall.value)} (the noise is unknown)`;
    if (verdict === "noise") return `${metric.title} does not change beyond the noise (${change(overall)})`;
    const where = significant(pairs);
    return `${metric.title} changes by ${change(overall)}${where}`;
  });
  return [
    { topic: `effect of ${axis.name}`, text: `${step.charAt(0).toUpperCase()}${step.slice(1)}: ${said.join("; ")}.` },
  ];
}

/** Two values of an axis that are held against each other. */
interface AxisStep extends Pick<Axis, "name" | "role"> {
  readonly from: SettingValue;
  readonly to: SettingValue;
}

interface Pair {
  readonly place: string;
  readonly ratio: Estimate;
}

/** In which variants a difference stands out by itself. */
function significant(pairs: readonly Pair[]): string {
  const clear = pairs.filter(({ ratio }) => ["above", "below"].includes(verdictOf(ratio)));
  if (clear.length === 0 || pairs.length < 2) return "";
  if (clear.length === pairs.length) return ", in every variant";
  const names = clear.slice(0, 3).map(({ place, ratio }) => `${place} ${signed(ratio.value)}`);
  return `, clearest with ${listed(names)}`;
}

/** Variants that differ in this axis alone. */
function pairsAlong(results: Results, axis: AxisStep, metric: Metric): Pair[] {
  const allSeries = seriesOf(results).filter((series) => !series.baseline);
  const rest = ({ axes, requestSize, policy }: Series): string =>
    JSON.stringify([policy, requestSize, Object.entries({ ...axes, [axis.name]: null }).sort()]);
  return allSeries
    .filter((series) => series.axes[axis.name] === axis.to)
    .flatMap((to) => {
      const from = allSeries.find((other) => other.axes[axis.name] === axis.from && rest(other) === rest(to));
      const ratio = from && ratioBetween(to, from, metric);
      return ratio === undefined ? [] : [{ place: describeAxes(to, [axis.name]), ratio }];
    });
}

interface Level {
  readonly batch: number;
  readonly series: Series;
  readonly throughput: Estimate;
  readonly meanFill: number | null;
}

/** For each batch size the variant with the highest throughput, by rising batch size. */
function bestPerBatch(results: Results): Level[] {
  const axis = batchAxisOf(results);
  const levels = new Map<number, Level>();
  for (const series of seriesOf(results)) {
    const batch = axis === undefined ? undefined : series.axes[axis];
    const throughput = measure(series, THROUGHPUT);
    if (typeof batch !== "number" || series.baseline || throughput === undefined) continue;
    if (throughput.value <= (levels.get(batch)?.throughput.value ?? 0)) continue;
    levels.set(batch, { batch, series, throughput, meanFill: series.runs[0]?.summary.batchSizeMean ?? null });
  }
  return [...levels.values()].sort((a, b) => a.batch - b.batch);
}

function gains(larger: Level, smaller: Level): boolean {
  return (ratioBetween(larger.series, smaller.series, THROUGHPUT)?.value ?? 1) >= WORTHWHILE;
}

function fillText(knee: Level, last: Level): string {
  if (last.meanFill === null || last.meanFill >= 0.9 * last.batch) return "";
  const full = `batches of up to ${last.batch} held ${digits(last.meanFill)} on average`;
  return last.meanFill < knee.batch * WORTHWHILE ? `: ${full}, no more than there were requests for` : `; ${full}`;
}
