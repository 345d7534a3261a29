import type { Results } from "../../bench/results.js";
import { settingName } from "../axes.js";
import { MEAN, spreadOf, THROUGHPUT } from "../metrics.js";
import { sizesOf } from "../settings.js";
import { measuredSettings } from "./applies.js";
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
  /** No other setting has both a lower latency and a higher throughput. */
  readonly best: boolean;
}

/** What throughput costs in latency: every setting as a labelled point. */
export const tradeoff: Chart = {
  name: "throughput_latency_tradeoff",
  build(results) {
    const points = tradeoffPoints(results);
    return points.length < 2 ? undefined : tradeoffSpec(points);
  },
};

/** At the largest number of requests. */
export function tradeoffPoints(results: Results): TradeoffPoint[] {
  const all = measuredSettings(results);
  const size = sizesOf(all).at(-1);
  const points = all
    .filter((setting) => setting.requestSize === size)
    .map((setting) => ({
      name: settingName(setting),
      label: results.axes.length > 0 ? setting.policy : setting.label,
      latencyMs: spreadOf(setting, MEAN)?.value ?? 0,
      throughput: spreadOf(setting, THROUGHPUT)?.value ?? 0,
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
  const xMax = Math.max(...points.map((point) => point.latency)) * 1.12;
  const yMax = Math.max(...points.map((point) => point.throughput)) * 1.12;
  const textWidth = createTextWidth();
  const anchors = points.map((point) => ({
    x: (point.latency / xMax) * WIDTH,
    y: HEIGHT - (point.throughput / yMax) * HEIGHT,
    width: textWidth(point.name, FONT_SIZE) + 4,
    height: FONT_SIZE + 3,
  }));
  const placed = placeLabels(anchors, { width: WIDTH, height: HEIGHT });
  const labels = points.map((point, i) => {
    const { x, y, leader } = placed[i]!;
    return { ...point, leader, labelX: (x / WIDTH) * xMax, labelY: ((HEIGHT - y) / HEIGHT) * yMax };
  });
  const x = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: `mean latency (${unit})`,
    scale: { domain: [0, xMax], nice: false },
  });
  const y = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: "throughput (req/s)",
    scale: { domain: [0, yMax], nice: false },
  });
  const scale = colorScale([...new Set(points.map((point) => point.label))]);
  const tooltip = [
    { field: "name", title: "setting" },
    { field: "latency", title: `mean latency (${unit})`, format: ",.3~r" },
    { field: "throughput", title: "throughput (req/s)", format: ",.3~r" },
  ];
  return {
    title: {
      text: "Throughput against latency",
      subtitle: "Up and to the left is better. The line joins the settings that none beats in both.",
    },
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: points.filter((point) => point.best) },
        mark: { type: "line", style: "faint-rule", strokeDash: [4, 3] },
        encoding: { x: x("latency"), y: y("throughput"), order: { field: "latency" } },
      },
      {
        data: { values: labels.filter((label) => label.leader) },
        mark: { type: "rule", style: "faint-rule", strokeWidth: 0.7 },
        encoding: { x: x("latency"), y: y("throughput"), x2: { field: "labelX" }, y2: { field: "labelY" } },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: {
          x: x("latency"),
          y: y("throughput"),
          color: { field: "label", type: "nominal", scale, legend: null },
          tooltip,
        },
      },
      {
        data: { values: labels },
        mark: { type: "text", style: "value-label", fontSize: FONT_SIZE },
        encoding: { x: x("labelX"), y: y("labelY"), text: { field: "name" } },
      },
    ],
  };
}
