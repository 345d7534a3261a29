import { quantile } from "../../metrics/quantile.js";
import { latencyMs } from "../../metrics/request.js";
import type { Series } from "../../results/series.js";
import { seriesName } from "../axes.js";
import { measuredSeries } from "./applies.js";
import { colorScale } from "./palette.js";
import type { Chart, Spec } from "./spec.js";
import { timeUnitFor } from "./units.js";

const MAX_SIZES = 4;
const MAX_ROWS = 40;
/** Points beyond the whiskers that are drawn one by one. */
const MAX_OUTLIERS = 40;

export interface Box {
  readonly series: string;
  readonly label: string;
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
  /** Values beyond the whiskers, at most {@link MAX_OUTLIERS}, evenly taken. */
  readonly outliers: readonly number[];
}

/** Box plots of the end-to-end latency of all repeats together. */
export const latencyDistribution: Chart = {
  name: "latency_distribution",
  build(results) {
    const allSeries = measuredSeries(results);
    if (allSeries.length < 2) return undefined;
    const sizes = [...new Set(allSeries.map((series) => series.requestSize))].sort((a, b) => a - b).slice(-MAX_SIZES);
    const largest = Math.max(...allSeries.flatMap((series) => latenciesOf(series).slice(-1)));
    const { name: unit, divisor } = timeUnitFor([largest]);
    const panels = sizes.map((size) => {
      const boxes = allSeries
        .filter((series) => series.requestSize === size)
        .slice(0, MAX_ROWS)
        .map((series) => boxOf(series, divisor));
      return boxPanel(boxes, {
        title: `latency (${unit})`,
        size,
        several: sizes.length > 1,
        largest: largest / divisor,
      });
    });
    return {
      title: {
        text: "Distribution of end-to-end latency",
        subtitle: "Box: middle half and median. Whiskers: last value within 1.5 box lengths. Dots: values beyond.",
      },
      concat: panels,
      columns: 2,
      spacing: { column: 30, row: 26 },
    };
  },
};

/** Rising, in ms. */
function latenciesOf(series: Series): number[] {
  const ok = series.runs.flatMap((run) => run.requests.filter((record) => record.status === "ok"));
  return ok
    .map((record) => latencyMs(record))
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
}

/** Tukey's box plot (whiskers at 1.5 interquartile ranges). */
export function boxOf(series: Series, divisor: number): Box {
  const values = latenciesOf(series).map((value) => value / divisor);
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((share) => quantile(values, share)) as [number, number, number];
  const reach = 1.5 * (q3 - q1);
  const inside = values.filter((value) => value >= q1 - reach && value <= q3 + reach);
  const beyond = values.filter((value) => value < q1 - reach || value > q3 + reach);
  const every = Math.max(1, beyond.length / MAX_OUTLIERS);
  const outliers = Array.from(
    { length: Math.min(beyond.length, MAX_OUTLIERS) },
    (_, i) => beyond[Math.floor(i * every)] ?? 0,
  );
  const [low, high] = [Math.min(q1, ...inside.slice(0, 1)), Math.max(q3, ...inside.slice(-1))];
  return {
    series: seriesName(series),
    label: series.baseline || Object.keys(series.axes).length > 0 ? series.policy : series.label,
    low,
    q1,
    median,
    q3,
    high,
    outliers,
  };
}

/** @param options `largest`: where the axis of every panel ends, so that they can be compared */
function boxPanel(
  boxes: readonly Box[],
  options: { title: string; size: number; several: boolean; largest: number },
): Spec {
  const names = boxes.map((box) => box.series);
  const colors = colorScale([...new Set(boxes.map((box) => box.label))]);
  const color = { field: "label", type: "nominal", scale: colors, legend: null };
  const scale = { domain: [0, options.largest] };
  const x = (field: string): Spec => ({ field, type: "quantitative", title: options.title, scale });
  const format = ",.3~r";
  const tooltip = [
    { field: "series", title: "variant" },
    { field: "median", format },
    { field: "q1", title: "lower quartile", format },
    { field: "q3", title: "upper quartile", format },
  ];
  const outliers = boxes.flatMap((box) =>
    box.outliers.map((value) => ({ series: box.series, label: box.label, value })),
  );
  return {
    ...(options.several ? { title: { text: `${options.size} requests`, fontSize: 12, offset: 4 } } : {}),
    data: { values: boxes.map(({ outliers: _, ...box }) => box) },
    width: options.several ? 290 : 560,
    height: { step: 24 },
    encoding: {
      y: {
        field: "series",
        type: "nominal",
        sort: names,
        title: null,
        axis: { ticks: false, domain: false, labelPadding: 8 },
      },
    },
    layer: [
      { mark: { type: "rule", strokeWidth: 1.5 }, encoding: { x: x("low"), x2: { field: "high" }, color } },
      { mark: { type: "bar", height: 14 }, encoding: { x: x("q1"), x2: { field: "q3" }, color, tooltip } },
      {
        mark: { type: "tick", thickness: 2, size: 16, style: "ink-rule" },
        encoding: { x: x("median") },
      },
      ...(outliers.length === 0
        ? []
        : [
            {
              data: { values: outliers },
              mark: { type: "point", filled: true, size: 14, opacity: 0.7 },
              encoding: { x: x("value"), color },
            },
          ]),
    ],
  };
}
