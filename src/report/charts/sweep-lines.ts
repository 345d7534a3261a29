/** A figure over the batch size, a line per wait: the two main charts of a sweep. */
import type { Results } from "../../results/schema.js";
import type { Series } from "../../results/series.js";
import { type Metric, spreadOf } from "../../results/series-metrics.js";
import { batchAxisOf, describeAxes, waitAxisOf } from "../axes.js";
import { measuredSeries } from "./applies.js";
import { unitFor } from "./lines.js";
import { orderedColors } from "./palette.js";
import type { Spec } from "./spec.js";
import type { Unit } from "./units.js";

export interface SweepPoint {
  readonly batch: number;
  /** "wait 10 ms", or the values of whatever else was varied. */
  readonly line: string;
  /** One panel for each combination of the remaining axes. */
  readonly panel: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface SweepLines {
  readonly points: readonly SweepPoint[];
  readonly baseline: { readonly label: string; readonly value: number } | undefined;
  readonly unit: Unit;
}

/** Undefined unless a batch size was varied. */
export function sweepLines(results: Results, metric: Metric): SweepLines | undefined {
  const batchAxis = batchAxisOf(results);
  if (batchAxis === undefined) return undefined;
  const waitAxis = waitAxisOf(results);
  const allSeries = measuredSeries(results);
  const unit = unitFor(allSeries, [metric]);
  const points = allSeries.flatMap((series) => {
    const batch = series.axes[batchAxis];
    const spread = spreadOf(series, metric);
    if (typeof batch !== "number" || spread === undefined || series.baseline) return [];
    const wait = waitAxis === undefined ? undefined : series.axes[waitAxis];
    const line = wait === undefined ? series.policy : `${wait} ms`;
    const panel = describeAxes(series, [batchAxis, ...(waitAxis === undefined ? [] : [waitAxis])]);
    return [{ batch, line, panel, ...scaled(spread, unit) }];
  });
  if (new Set(points.map((point) => point.batch)).size < 2) return undefined;
  return { points, baseline: baselineOf(allSeries, metric, unit), unit };
}

function scaled(
  spread: { value: number; low: number; high: number },
  unit: Unit,
): { value: number; low: number; high: number } {
  return { value: spread.value / unit.divisor, low: spread.low / unit.divisor, high: spread.high / unit.divisor };
}

function baselineOf(allSeries: readonly Series[], metric: Metric, unit: Unit): SweepLines["baseline"] {
  const series = allSeries.find((candidate) => candidate.baseline);
  const spread = series && spreadOf(series, metric);
  return series && spread ? { label: "un-batched baseline", value: spread.value / unit.divisor } : undefined;
}

/** The chart's panels; `higher`: which way is better, for the subtitle. */
export function sweepChart(lines: SweepLines, text: { title: string; axis: string; better: string }): Spec {
  const panels = [...new Set(lines.points.map((point) => point.panel))];
  const waits = [...new Set(lines.points.map((point) => point.line))].sort(
    (a, b) => Number.parseFloat(a) - Number.parseFloat(b),
  );
  return {
    title: { text: text.title, subtitle: `Thin lines reach from the lowest repeat to the highest. ${text.better}` },
    concat: panels.map((panel) => sweepPanel(lines, { panel, several: panels.length > 1, waits, axis: text.axis })),
    columns: 2,
    spacing: { column: 40, row: 30 },
  };
}

function sweepPanel(
  lines: SweepLines,
  given: { panel: string; several: boolean; waits: readonly string[]; axis: string },
): Spec {
  const points = lines.points.filter((point) => point.panel === given.panel);
  const batches = [...new Set(lines.points.map((point) => point.batch))].sort((a, b) => a - b);
  const [first, last] = [batches[0] ?? 1, batches.at(-1) ?? 1];
  const scale = first > 0 && last / first >= 4 ? { type: "log", base: 2, padding: 14 } : { zero: false, padding: 14 };
  const x = {
    field: "batch",
    type: "quantitative",
    title: "largest batch (sequences)",
    scale,
    axis: { values: batches, grid: false },
  };
  const title = `${given.axis} (${lines.unit.name})`;
  const domainMax = Math.max(...lines.points.map((point) => point.high), lines.baseline?.value ?? 0);
  const y = (field: string): Spec => ({ field, type: "quantitative", title, scale: { domain: [0, domainMax * 1.05] } });
  const several = given.waits.length > 1;
  const legend = several ? { title: "wait for a batch to fill" } : null;
  const color = {
    field: "line",
    type: "ordinal",
    sort: [...given.waits],
    scale: { domain: [...given.waits], range: orderedColors(given.waits.length) },
    legend,
  };
  const tooltip = [
    { field: "batch", title: "largest batch" },
    { field: "line", title: "wait" },
    { field: "value", title, format: ",.3~r" },
  ];
  // Pairs of batch and wait leave lines of a single point: a faint line shows their common course.
  const path = isPath(points)
    ? [
        {
          mark: { type: "line", style: "faint-rule", strokeWidth: 1.5, strokeDash: [2, 3] },
          encoding: { x, y: y("value") },
        },
      ]
    : [];
  return {
    ...(given.several ? { title: { text: given.panel, fontSize: 12, offset: 4 } } : {}),
    data: { values: points },
    width: given.several ? 290 : 480,
    height: given.several ? 240 : 300,
    layer: [
      ...path,
      ...baselineLayers(lines),
      {
        mark: { type: "rule", strokeWidth: 1.2, opacity: 0.7 },
        encoding: { x, y: y("low"), y2: { field: "high" }, color },
      },
      { mark: { type: "line", strokeWidth: 2 }, encoding: { x, y: y("value"), color } },
      { mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding: { x, y: y("value"), color, tooltip } },
    ],
  };
}

function isPath(points: readonly SweepPoint[]): boolean {
  const batches = points.map((point) => point.batch);
  return new Set(batches).size === batches.length && new Set(points.map((point) => point.line)).size > 1;
}

function baselineLayers(lines: SweepLines): Spec[] {
  if (lines.baseline === undefined) return [];
  const data = { values: [lines.baseline] };
  const y = { field: "value", type: "quantitative" };
  return [
    { data, mark: { type: "rule", style: "ink-rule", strokeDash: [6, 4], strokeWidth: 1.5 }, encoding: { y } },
    {
      data,
      mark: { type: "text", style: "faint-label", align: "right", dy: -7, x: "width" },
      encoding: { y, text: { field: "label" } },
    },
  ];
}
