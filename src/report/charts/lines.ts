/** Charts of a figure over the number of requests: lines for a few series, rows of dots where lines would tangle. */

import { labelsOf, type Series, sizesOf } from "../../results/series.js";
import { type Metric, spreadOf } from "../../results/series-metrics.js";
import { colorScale, shapeScale } from "./palette.js";
import { type Panel, panelGrid } from "./panels.js";
import type { Spec } from "./spec.js";
import { timeUnitFor, type Unit } from "./units.js";

/** More series than this cannot be followed as lines. */
export const MAX_LINES = 8;

export interface SizePoint {
  readonly series: string;
  readonly size: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A point a variant; times in `unit`. */
export function sizePoints(allSeries: readonly Series[], metric: Metric, unit: Unit): SizePoint[] {
  return allSeries.flatMap((series) => {
    const spread = spreadOf(series, metric);
    if (spread === undefined) return [];
    const [value, low, high] = [spread.value, spread.low, spread.high].map((figure) => figure / unit.divisor);
    return [{ series: series.label, size: series.requestSize, value: value!, low: low!, high: high! }];
  });
}

/** The unit of a metric's values in a chart: that of the metric, or the time unit that suits its size. */
export function unitFor(allSeries: readonly Series[], metrics: readonly Metric[]): Unit {
  const [first] = metrics;
  if (first === undefined || first.unit !== "ms") return { name: first?.unit ?? "", divisor: 1 };
  const values = allSeries.flatMap((series) => metrics.map((metric) => spreadOf(series, metric)?.value ?? 0));
  return timeUnitFor(values);
}

/** One panel a metric, all with the request size along x. */
export function sizePanels(
  allSeries: readonly Series[],
  metrics: readonly Metric[],
  axisTitle: (metric: Metric) => string,
): Spec {
  const labels = labelsOf(allSeries);
  const sizes = sizesOf(allSeries);
  return labels.length > MAX_LINES || sizes.length === 1
    ? panelGrid(
        metrics.map((metric) => {
          const alike = metrics.filter((other) => other.unit === metric.unit);
          return rowPanel(allSeries, metric, { title: axisTitle(metric), alike });
        }),
        labels,
      )
    : linePanels(allSeries, metrics, axisTitle, { labels, sizes });
}

function linePanels(
  allSeries: readonly Series[],
  metrics: readonly Metric[],
  axisTitle: (metric: Metric) => string,
  { labels, sizes }: { labels: string[]; sizes: number[] },
): Spec {
  const color = { field: "series", type: "nominal", scale: colorScale(labels), legend: { title: "scheduler" } };
  const shape = { field: "series", type: "nominal", scale: shapeScale(labels), legend: { title: "scheduler" } };
  const x = {
    field: "size",
    type: "quantitative",
    title: "requests per run",
    scale: sizeScale(sizes),
    axis: { values: sizes, grid: false },
  };
  const panels = metrics.map((metric) => {
    const alike = metrics.filter((other) => other.unit === metric.unit);
    const unit = unitFor(allSeries, alike);
    const y = {
      field: "value",
      type: "quantitative",
      title: `${axisTitle(metric)} (${unit.name})`,
      scale: { domain: [0, largestOf(allSeries, alike, unit)] },
    };
    const tooltip = [
      { field: "series", title: "scheduler" },
      { field: "size", title: "requests" },
      { field: "value", title: `${axisTitle(metric)} (${unit.name})`, format: ".3~s" },
    ];
    return {
      data: { values: sizePoints(allSeries, metric, unit) },
      width: 300,
      height: 240,
      encoding: { x, color },
      layer: [
        {
          mark: { type: "rule", strokeWidth: 1.2, opacity: 0.7 },
          encoding: { y: { field: "low", type: "quantitative", title: y.title }, y2: { field: "high" } },
        },
        { mark: { type: "line", strokeWidth: 2 }, encoding: { y } },
        { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { y, shape, tooltip } },
      ],
    };
  });
  return { concat: panels, columns: 2, spacing: { column: 40, row: 30 } };
}

function sizeScale(sizes: readonly number[]): Spec {
  const [first, last] = [sizes[0] ?? 1, sizes.at(-1) ?? 1];
  return last / first >= 8 ? { type: "log", base: 2, padding: 16 } : { zero: false, padding: 16 };
}

function rowPanel(
  allSeries: readonly Series[],
  metric: Metric,
  { title, alike }: { title: string; alike: readonly Metric[] },
): Panel {
  const unit = unitFor(allSeries, alike);
  const rows = sizePoints(allSeries, metric, unit).map(({ size, ...point }) => ({ ...point, category: size }));
  const largest = largestOf(allSeries, alike, unit);
  return { title: `${title} (${unit.name})`, rows, categoryTitle: "requests per run", largest };
}

/** Where the axes of metrics with one unit end, so that their panels can be compared. */
function largestOf(allSeries: readonly Series[], metrics: readonly Metric[], unit: Unit): number {
  return Math.max(...metrics.flatMap((metric) => sizePoints(allSeries, metric, unit).map((point) => point.high)));
}
