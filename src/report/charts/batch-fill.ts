import type { Results, RunResult } from "../../results/schema.js";
import { batchSizesOf } from "../../results/series.js";
import { seriesName } from "../axes.js";
import { measuredSeries } from "./applies.js";
import { colorScale } from "./palette.js";
import type { Chart, Spec } from "./spec.js";

/** More variants than this become rows of a heat map. */
const MAX_HISTOGRAMS = 9;

const TOOLTIP = [
  { field: "size", title: "sequences" },
  { field: "batches", format: "," },
  { field: "share", title: "share (%)", format: ".1f" },
] as const;

export interface FillCell {
  readonly series: string;
  readonly label: string;
  readonly size: number;
  readonly batches: number;
  /** Percent of the series' batches. */
  readonly share: number;
}

/** How full the batches were: what explains where a scheduler's throughput levels off. */
export const batchFillHistogram: Chart = {
  name: "batch_fill_histogram",
  build(results) {
    const cells = fillCells(results);
    const names = [...new Set(cells.map((cell) => cell.series))];
    if (names.length === 0) return undefined;
    const title = {
      text: "How full the batches were",
      subtitle:
        "Share of batches by the number of sequences in them. Where requests join while others run, every step counts as one.",
    };
    const sizes = Array.from({ length: Math.max(...cells.map((cell) => cell.size)) }, (_, i) => i + 1);
    return {
      title,
      ...(names.length <= MAX_HISTOGRAMS ? histograms(cells, names, sizes) : heatMap(cells, names, sizes)),
    };
  },
};

/** Over all repeats and sizes of a variant's label; variants that do not tell their batches are left out. */
export function fillCells(results: Results): FillCell[] {
  const shown = new Map<string, { label: string; runs: RunResult[] }>();
  for (const series of measuredSeries(results)) {
    const name = seriesName(series);
    const label = results.axes.length > 0 ? series.policy : series.label;
    shown.set(name, { label, runs: [...(shown.get(name)?.runs ?? []), ...series.runs] });
  }
  return [...shown].flatMap(([series, { label, runs }]) => {
    const counts = batchSizesOf({ runs });
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts
      .map((batches, size) => ({ series, label, size, batches, share: (100 * batches) / total }))
      .filter((cell) => cell.batches > 0);
  });
}

function histograms(cells: readonly FillCell[], names: readonly string[], sizes: readonly number[]): Spec {
  const columns = Math.min(3, names.length);
  const labels = [...new Set(cells.map((cell) => cell.label))];
  return {
    concat: names.map((name, i) => ({
      title: { text: name, fontSize: 12, offset: 4 },
      data: { values: cells.filter((cell) => cell.series === name) },
      width: 200,
      height: 130,
      mark: { type: "bar", width: { band: 0.85 } },
      encoding: {
        x: sizeAxis(sizes, 9),
        y: {
          field: "share",
          type: "quantitative",
          title: i % columns === 0 ? "share of batches (%)" : null,
          scale: { domain: [0, 100] },
          axis: { tickCount: 5 },
        },
        color: { field: "label", type: "nominal", scale: colorScale(labels), legend: null },
        tooltip: TOOLTIP,
      },
    })),
    columns,
    spacing: { column: 26, row: 24 },
  };
}

function heatMap(cells: readonly FillCell[], names: readonly string[], sizes: readonly number[]): Spec {
  return {
    data: { values: cells },
    width: Math.max(300, Math.min(640, sizes.length * 26)),
    height: { step: 22 },
    mark: { type: "rect" },
    encoding: {
      x: sizeAxis(sizes, 24),
      y: {
        field: "series",
        type: "nominal",
        sort: [...names],
        title: null,
        axis: { ticks: false, domain: false, labelPadding: 8 },
      },
      color: {
        field: "share",
        type: "quantitative",
        title: "share of batches (%)",
        scale: { range: ["#dbe7f3", "#0a4a86"], domain: [0, 100] },
        legend: { gradientLength: 180 },
      },
      tooltip: [{ field: "series", title: "variant" }, ...TOOLTIP],
    },
  };
}

/** @param most labels of sizes, evenly spaced: they must not run into each other */
function sizeAxis(sizes: readonly number[], most: number): Spec {
  const step = Math.ceil(sizes.length / most);
  return {
    field: "size",
    type: "ordinal",
    title: "sequences in the batch",
    scale: { domain: sizes },
    axis: { labelAngle: 0, values: sizes.filter((size) => size % step === 0) },
  };
}
