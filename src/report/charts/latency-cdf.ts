import { latencyMs } from "../../metrics/request.js";
import type { Results } from "../../results/schema.js";
import type { Series } from "../../results/series.js";
import { batchAxisOf, describeAxes } from "../axes.js";
import { measuredSeries } from "./applies.js";
import { colorScale } from "./palette.js";
import type { Chart, Spec } from "./spec.js";
import { timeUnitFor } from "./units.js";

const BATCH = 8;
const BASELINE = "un-batched baseline";
/** Curves beside the baseline's. */
const MAX_CURVES = 6;
/** Curves whose medians lie so far apart need a logarithmic axis, or the faster ones are a wall at its left. */
const MIN_LOG_RATIO = 5;
/** Steps of one curve: more cannot be seen. */
const MAX_STEPS = 300;

export interface CdfPoint {
  readonly series: string;
  readonly latency: number;
  /** Percent of the requests that took at most this long. */
  readonly share: number;
}

/** How latencies are spread without batching, and with batches of up to eight. */
export const latencyCdf: Chart = {
  name: "latency_cdf_baseline_vs_batch8",
  build(results) {
    const points = cdfPoints(results);
    if (points === undefined) return undefined;
    const { name: unit, divisor } = timeUnitFor(points.map((point) => point.latency));
    const series = [...new Set(points.map((point) => point.series))];
    return cdfSpec(
      points.map((point) => ({ ...point, latency: point.latency / divisor })),
      { series, policy: measuredSeries(results).find(({ baseline }) => !baseline)?.policy ?? "", unit },
    );
  },
};

/** In ms; undefined without a baseline or without a variant whose largest batch is 8. */
export function cdfPoints(results: Results): CdfPoint[] | undefined {
  const axis = batchAxisOf(results);
  const allSeries = measuredSeries(results);
  const baseline = allSeries.find((series) => series.baseline);
  const batched = allSeries.filter((series) => axis !== undefined && !series.baseline && series.axes[axis] === BATCH);
  if (baseline === undefined || batched.length === 0) return undefined;
  const curves = batched.slice(0, MAX_CURVES).flatMap((series) => curveOf(series, describeAxes(series)));
  return [...curveOf(baseline, BASELINE), ...curves];
}

function curveOf(series: Series, name: string): CdfPoint[] {
  const values = series.runs
    .flatMap((run) => run.requests.filter((record) => record.status === "ok"))
    .map((record) => latencyMs(record))
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const every = Math.max(1, values.length / MAX_STEPS);
  const steps = Array.from({ length: Math.ceil(values.length / every) }, (_, i) => Math.floor(i * every));
  if (steps.at(-1) !== values.length - 1) steps.push(values.length - 1);
  return [
    { series: name, latency: values[0] ?? 0, share: 0 },
    ...steps.map((i) => ({ series: name, latency: values[i] ?? 0, share: (100 * (i + 1)) / values.length })),
  ];
}

/** Whether the slowest curve's median is far from the fastest one's. */
export function needsLogAxis(points: readonly CdfPoint[]): boolean {
  const medians = [...new Set(points.map((point) => point.series))].map(
    (series) => points.find((point) => point.series === series && point.share >= 50)?.latency ?? 0,
  );
  return Math.min(...medians) > 0 && Math.max(...medians) >= MIN_LOG_RATIO * Math.min(...medians);
}

function cdfSpec(
  points: readonly CdfPoint[],
  { series, policy, unit }: { series: readonly string[]; policy: string; unit: string },
): Spec {
  const logarithmic = needsLogAxis(points);
  // A place of `static` is a shade of its colour, here as everywhere.
  const range = ["#7f7f7f", ...colorScale(series.slice(1).map((name) => `${policy} ${name}`)).range];
  return {
    title: {
      text: "Latency without batching and with batches of up to 8",
      subtitle: `All repeats merged. Further left is faster; steeper is steadier.${logarithmic ? " The time axis is logarithmic." : ""}`,
    },
    data: { values: points },
    width: 480,
    height: 300,
    mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
    encoding: {
      x: {
        field: "latency",
        type: "quantitative",
        title: `end-to-end latency (${unit})`,
        scale: logarithmic ? { type: "log", nice: false } : { zero: true },
      },
      y: {
        field: "share",
        type: "quantitative",
        title: "requests that took at most this long (%)",
        scale: { domain: [0, 100] },
      },
      color: { field: "series", type: "nominal", scale: { domain: [...series], range }, legend: { title: null } },
      tooltip: [
        { field: "series", title: "variant" },
        { field: "latency", title: `latency (${unit})`, format: ",.3~r" },
        { field: "share", title: "requests (%)", format: ".1f" },
      ],
    },
  };
}
