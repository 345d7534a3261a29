import { type Field, fieldsOf } from "../../results/contest.js";
import type { ResultsDesign } from "../../results/schema.js";
import type { Relation } from "../../results/verdict.js";
import { seriesName } from "../axes.js";
import { fieldName, percentage, placeText } from "../verdict-text.js";
import { colorScale } from "./palette.js";
import type { Chart, Spec } from "./spec.js";

/** A variant beside the leader. */
export interface VerdictRow {
  readonly series: string;
  /** What gives it its colour. */
  readonly label: string;
  /** In percent of the leader, with its interval. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly relation: Relation | "leader";
  readonly text: string;
}

const ROW_HEIGHT = 26;
const WIDTH = 420;
/** Room for the words behind the longest interval, as a share of what the intervals span. */
const ROOM_FOR_WORDS = 0.55;
/** The font of the charts has no star; this one is drawn, as wide as a circle of the same size. */
const STAR = "M0,-1.1L0.26,-0.36L1.05,-0.34L0.42,0.14L0.65,0.89L0,0.44L-0.65,0.89L-0.42,0.14L-1.05,-0.34L-0.26,-0.36Z";
/** Round places on the axis, as far as there is something to see. */
const TICKS = [1, 2, 5, 10, 20, 30, 50, 70, 80, 90, 95, 100, 105, 110, 120];
/** A sweep has more places than anybody reads: the best of them. */
const MAX_ROWS = 24;

/** Who is how far behind the leader, and how surely: a forest plot for each load. */
export const verdicts: Chart = {
  name: "verdicts",
  acrossLoads: true,
  build(results) {
    const fields = fieldsOf(results).filter(({ ranked }) => ranked.length > 1);
    if (fields.length === 0) return undefined;
    const { precision, figure } = results.design;
    const what = figure === "tokensPerSec" ? "Throughput" : "Promptness (1 ÷ mean latency)";
    return {
      title: {
        text: `${what} against the leader, round by round`,
        subtitle: `Bars are 95 % intervals of the rounds' ratios; whoever lies inside the grey band is equal within ${percentage(precision)}.`,
      },
      vconcat: fields.map((field) => panel(field, results.design, fields.length > 1)),
      spacing: 24,
      resolve: { scale: { color: "independent", x: "independent" } },
    };
  },
};

/** The leader first, then the others from the nearest to the farthest. */
export function verdictRows({ ranked, leader, contest }: Field, figure: ResultsDesign["figure"]): VerdictRow[] {
  return ranked.flatMap((series): VerdictRow[] => {
    const name = { series: seriesName(series), label: series.label };
    if (series === leader) return [{ ...name, value: 100, low: 100, high: 100, relation: "leader", text: "leader" }];
    const behind = contest.pair(series.label, leader.label);
    if (!behind) return [];
    const value = 100 * behind.ratio.value;
    const [low, high] = [
      100 * (behind.interval?.low ?? behind.ratio.value),
      100 * (behind.interval?.high ?? behind.ratio.value),
    ];
    const text = placeText(contest.pair(leader.label, series.label), figure);
    return [{ ...name, value, low, high, relation: behind.relation, text }];
  });
}

function panel(field: Field, { figure, precision }: ResultsDesign, named: boolean): Spec {
  const rows = verdictRows(field, figure).slice(0, MAX_ROWS);
  const [least, most] = [
    Math.min(100 / (1 + precision), ...rows.map(({ low }) => low)),
    Math.max(100 * (1 + precision), ...rows.map(({ high }) => high)),
  ];
  const far = most / least > 4;
  const room = far ? most * (most / least) ** ROOM_FOR_WORDS : most + ROOM_FOR_WORDS * (most - least);
  const x = {
    field: "value",
    type: "quantitative",
    title: "percent of the leader",
    scale: { type: far ? "log" : "linear", domain: [least * 0.98, room], nice: false, ...(far ? {} : { zero: false }) },
    axis: {
      values: TICKS.filter((tick) => tick >= least * 0.98 && tick <= most * 1.02),
      grid: false,
      format: "~g",
      labelOverlap: true,
    },
  };
  const y = {
    field: "series",
    type: "nominal",
    sort: rows.map(({ series }) => series),
    title: null,
    axis: { ticks: false, domain: false, labelPadding: 8 },
  };
  const color = { field: "label", type: "nominal", scale: colorScale(rows.map(({ label }) => label)), legend: null };
  const tooltip = [
    { field: "series", title: "variant" },
    { field: "value", title: "percent of the leader", format: ".1f" },
    { field: "low", title: "from", format: ".1f" },
    { field: "high", title: "to", format: ".1f" },
    { field: "text", title: "verdict" },
  ];
  const band = { from: 100 / (1 + precision), to: 100 * (1 + precision) };
  return {
    ...(named ? { title: { text: fieldName(field), fontSize: 13, anchor: "start" } } : {}),
    width: WIDTH,
    height: { step: ROW_HEIGHT },
    layer: [
      {
        data: { values: [band] },
        mark: { type: "rect", color: "#888888", opacity: 0.18 },
        encoding: { x: { ...x, field: "from" }, x2: { field: "to" } },
      },
      {
        data: { values: rows },
        mark: { type: "rule", strokeWidth: 2.5 },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y, color },
      },
      {
        data: { values: rows.filter(({ relation }) => relation !== "leader") },
        mark: { type: "point", filled: true, size: 70, opacity: 1 },
        encoding: { x, y, color, tooltip },
      },
      {
        data: { values: rows.filter(({ relation }) => relation === "leader") },
        mark: { type: "point", shape: STAR, filled: true, size: 150, opacity: 1 },
        encoding: { x, y, color, tooltip },
      },
      {
        data: { values: rows },
        mark: { type: "text", style: "value-label", align: "left", dx: 12 },
        encoding: { x: { ...x, field: "high" }, y, text: { field: "text" } },
      },
    ],
  };
}
