import type { Results } from "../../results/schema.js";
import { sizesOf } from "../../results/series.js";
import { MEAN, spreadOf, THROUGHPUT } from "../../results/series-metrics.js";
import { seriesName } from "../axes.js";
import { measuredSeries } from "./applies.js";
import { createTextWidth } from "./font.js";
import { colorScale } from "./palette.js";
import { placeLabels } from "./place-labels.js";
import type { Chart, Spec } from "./spec.js";
import { timeUnitFor } from "./units.js";

const WIDTH = 620;
const HEIGHT = 420;
const FONT_SIZE = 11;

export interface TradeoffPoint {
  readonly name: string;
  readonly label: string;
  readonly latencyMs: number;
  readonly throughput: number;
  /** No other variant has both a lower latency and a higher throughput. */
  readonly best: boolean;
}

/** What throughput costs in latency: every variant as a labelled point. */
export const tradeoff: Chart = {
  name: "throughput_latency_tradeoff",
  build(results) {
    const points = tradeoffPoints(results);
    return points.length < 2 ? undefined : tradeoffSpec(points);
  },
};

/** At the largest number of requests. */
export function tradeoffPoints(results: Results): TradeoffPoint[] {
  const all = measuredSeries(results);
  const size = sizesOf(all).at(-1);
  const points = all
    .filter((series) => series.requestSize === size)
    .map((series) => ({
      name: seriesName(series),
      label: results.axes.length > 0 ? series.policy : series.label,
      latencyMs: spreadOf(series, MEAN)?.value ?? 0,
      throughput: spreadOf(series, THROUGHPUT)?.value ?? 0,
    }));
  return points.map((point) => ({ ...point, best: !points.some((other) => beats(other, point)) }));
}

function beats(a: Omit<TradeoffPoint, "best">, b: Omit<TradeoffPoint, "best">): boolean {
  return (
    a.latencyMs <= b.latencyMs &&
    a.throughput >= b.throughput &&
    (a.latencyMs < b.latencyMs || a.throughput > b.throughput)
  );
}

function tradeoffSpec(given: readonly TradeoffPoint[]): Spec {
  const { name: unit, divisor } = timeUnitFor(given.map((point) => point.latencyMs));
  const points = given.map((point) => ({ ...point, latency: point.latencyMs / divisor }));
  const area: Area = {
    x: rangeOf(points.map((point) => point.latency)),
    y: rangeOf(points.map((point) => point.throughput)),
  };
  const cut = area.x[0] > 0 || area.y[0] > 0 ? " Axes do not begin at 0." : "";
  const x = (field: string): Spec => axis(field, `mean latency (${unit})`, area.x);
  const y = (field: string): Spec => axis(field, "throughput (req/s)", area.y);
  const place = { x: x("latency"), y: y("throughput") };
  const labels = placedLabels(points, area);
  const labelPlace = { x: x("labelX"), y: y("labelY"), text: { field: "name" } };
  const scale = colorScale([...new Set(points.map((point) => point.label))]);
  const tooltip = [
    { field: "name", title: "variant" },
    { field: "latency", title: `mean latency (${unit})`, format: ",.3~r" },
    { field: "throughput", title: "throughput (req/s)", format: ",.3~r" },
  ];
  return {
    title: {
      text: "Throughput against latency",
      subtitle: `Up and to the left is better. The dashed line joins the variants that none beats in both.${cut}`,
    },
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: points.filter((point) => point.best) },
        mark: { type: "line", style: "faint-rule", strokeDash: [4, 3] },
        encoding: { ...place, order: { field: "latency" } },
      },
      {
        data: { values: labels.filter((label) => label.far) },
        mark: { type: "rule", style: "faint-rule", strokeWidth: 0.8 },
        encoding: { ...place, x2: { field: "edgeX" }, y2: { field: "edgeY" } },
      },
      { data: { values: labels }, mark: { type: "text", style: "halo", fontSize: FONT_SIZE }, encoding: labelPlace },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 80, opacity: 1 },
        encoding: { ...place, color: { field: "label", type: "nominal", scale, legend: null }, tooltip },
      },
      {
        data: { values: labels },
        mark: { type: "text", style: "value-label", fontSize: FONT_SIZE },
        encoding: labelPlace,
      },
    ],
  };
}

type Range = readonly [low: number, high: number];
interface Area {
  readonly x: Range;
  readonly y: Range;
}

function axis(field: string, title: string, domain: Range): Spec {
  return { field, type: "quantitative", title, scale: { domain: [...domain], nice: false, zero: false } };
}

/**
 * What the values span, with a margin for labels, never below 0, and at least the upper half of the way from 0: a few
 * percent of noise must not fill the page.
 */
export function rangeOf(values: readonly number[]): Range {
  const high = Math.max(...values);
  const low = Math.min(...values, high / 2);
  const margin = 0.14 * (high - low) || 0.5 * high || 1;
  return [Math.max(0, low - margin), high + margin];
}

function placedLabels(points: readonly (TradeoffPoint & { latency: number })[], area: Area): Record<string, unknown>[] {
  const textWidth = createTextWidth();
  const scale = (value: number, [low, high]: Range, pixels: number): number => ((value - low) / (high - low)) * pixels;
  const invert = (pixel: number, [low, high]: Range, pixels: number): number => low + (pixel / pixels) * (high - low);
  const anchors = points.map((point) => ({
    x: scale(point.latency, area.x, WIDTH),
    y: HEIGHT - scale(point.throughput, area.y, HEIGHT),
    width: textWidth(point.name, FONT_SIZE) + 4,
    height: FONT_SIZE + 3,
  }));
  return placeLabels(anchors, { width: WIDTH, height: HEIGHT }).map(({ x, y, leader }, i) => {
    const { name, latency, throughput } = points[i]!;
    const edge = leader ?? { x, y };
    return {
      name,
      latency,
      throughput,
      far: leader !== undefined,
      labelX: invert(x, area.x, WIDTH),
      labelY: invert(HEIGHT - y, area.y, HEIGHT),
      edgeX: invert(edge.x, area.x, WIDTH),
      edgeY: invert(HEIGHT - edge.y, area.y, HEIGHT),
    };
  });
}
