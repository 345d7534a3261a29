/** Rows of series with their values along x, in panels side by side: reads at two series and at twenty. */
import { digits } from "../figures.js";
import { colorScale, orderedColors } from "./palette.js";
import type { Spec } from "./spec.js";

export interface PanelRow {
  readonly series: string;
  /** Told apart by colour within a row; a size or a statistic. */
  readonly category: string | number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Panel {
  /** Along x, with the unit. */
  readonly title: string;
  readonly rows: readonly PanelRow[];
  /** Over the legend of the categories. */
  readonly categoryTitle: string;
  /** Where the axis ends; undefined: as its own rows need it. */
  readonly largest?: number;
}

const ROW_HEIGHT = 24;

/** Dots in rows; bars where a panel has one category, since a length then says most. */
export function panelGrid(panels: readonly Panel[], series: readonly string[], columns = 2): Spec {
  const filled = panels.filter((panel) => panel.rows.length > 0);
  return {
    concat: filled.map((panel, i) => onePanel(panel, series, i % columns === 0, filled.length > 2 ? 230 : 320)),
    columns,
    spacing: { column: 30, row: 26 },
    resolve: { scale: { color: "independent" } },
  };
}

function onePanel(panel: Panel, series: readonly string[], named: boolean, width: number): Spec {
  const categories = [...new Set(panel.rows.map((row) => row.category))];
  const single = categories.length === 1;
  const y = {
    field: "series",
    type: "nominal",
    sort: [...series],
    title: null,
    axis: { labels: named, ticks: false, domain: false, grid: !single, labelPadding: 8 },
  };
  const tooltip = [
    { field: "series", title: "scheduler" },
    ...(single ? [] : [{ field: "category", title: panel.categoryTitle }]),
    { field: "value", title: panel.title, format: ",.4~r" },
    { field: "low", title: "lowest repeat", format: ",.4~r" },
    { field: "high", title: "highest repeat", format: ",.4~r" },
  ];
  return {
    data: { values: panel.rows.map((row) => ({ ...row, text: digits(row.value) })) },
    width,
    height: { step: ROW_HEIGHT },
    encoding: { y },
    layer: single ? barLayers(panel, series, tooltip) : dotLayers(panel, categories, tooltip),
  };
}

function barLayers(panel: Panel, series: readonly string[], tooltip: readonly Spec[]): Spec[] {
  const largest = panel.largest ?? Math.max(...panel.rows.map((row) => row.high));
  // Room for the number behind the longest bar.
  const x = {
    field: "value",
    type: "quantitative",
    title: panel.title,
    scale: { domain: [0, largest * 1.18], nice: false },
    axis: { tickCount: 5 },
  };
  return [
    {
      mark: { type: "bar", height: 15 },
      encoding: { x, color: { field: "series", type: "nominal", scale: colorScale(series), legend: null }, tooltip },
    },
    {
      mark: { type: "rule", style: "ink-rule", strokeWidth: 1.2 },
      encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
    },
    {
      mark: { type: "text", style: "value-label", align: "left", dx: 5 },
      encoding: { x: { field: "high", type: "quantitative" }, text: { field: "text" } },
    },
  ];
}

function dotLayers(panel: Panel, categories: readonly (string | number)[], tooltip: readonly Spec[]): Spec[] {
  const color = {
    field: "category",
    type: "ordinal",
    sort: [...categories],
    scale: { domain: [...categories], range: orderedColors(categories.length) },
    legend: { title: panel.categoryTitle, orient: "top", symbolType: "circle", symbolOpacity: 1, offset: 6 },
  };
  const scale = panel.largest === undefined ? { zero: true } : { domain: [0, panel.largest] };
  const x = { field: "value", type: "quantitative", title: panel.title, scale, axis: { tickCount: 5 } };
  return [
    {
      mark: { type: "rule", strokeWidth: 1.5, opacity: 0.8 },
      encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" }, color },
    },
    { mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding: { x, color, tooltip } },
  ];
}
