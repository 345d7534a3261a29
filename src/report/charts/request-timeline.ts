import type { RequestRecord, Results } from "../../results/schema.js";
import type { Series } from "../../results/series.js";
import { seriesName } from "../axes.js";
import { measuredSeries } from "./applies.js";
import { orderedColors, WAITING_COLOR } from "./palette.js";
import type { Chart, Spec } from "./spec.js";
import { timeUnitFor } from "./units.js";

/** Timelines beside each other, and requests in each: more cannot be read on one page. */
const MAX_TIMELINES = 6;
const MAX_REQUESTS = 50;
/** Where no timeline is so many times longer than the shortest, all have the same time axis. */
const MAX_SHARED_RATIO = 4;
/** Slots that have a colour of their own; further ones take the colours in turn. */
const MAX_COLORS = 8;

export interface TimelineBar {
  readonly seq: number;
  readonly phase: "waiting" | "processing";
  readonly fromMs: number;
  readonly toMs: number;
  readonly slot: number;
}

/** A Gantt chart: when each request waited and when it was processed, and in which slot. */
export const requestTimeline: Chart = {
  name: "request_timeline",
  build(results) {
    const allSeries = timelineSeries(results);
    if (allSeries.length === 0) return undefined;
    const all = measuredSeries(results).filter((series) => series.requestSize === allSeries[0]?.requestSize).length;
    const timelines = allSeries.map((series) => ({
      name: seriesName(series),
      bars: timelineBars(series.runs[0]?.requests ?? []),
    }));
    const unit = timeUnitFor(timelines.flatMap(({ bars }) => bars.map((bar) => bar.toMs)));
    const sharedMs = sharedEnd(timelines.map(({ bars }) => bars));
    const shown = allSeries.length < all ? ` ${allSeries.length} of ${all} allSeries are shown.` : "";
    return {
      title: {
        text: "When requests waited and ran",
        subtitle: `First repeat, at most ${MAX_REQUESTS} requests. Grey: waiting. Coloured by slot: processing.${shown}${sharedMs === undefined ? " Time axes differ." : ""}`,
      },
      concat: timelines.map(({ name, bars }, i) =>
        timeline(name, bars, {
          unit,
          named: i % 2 === 0,
          alone: timelines.length === 1,
          sharedMs,
        }),
      ),
      columns: 2,
      spacing: { column: 30, row: 26 },
      resolve: { scale: { y: "independent" } },
    };
  },
};

/** The variants of the smallest size; in a sweep those without a baseline that differ most, evenly taken. */
export function timelineSeries(results: Results): Series[] {
  const told = measuredSeries(results).filter((series) =>
    series.runs[0]?.requests.some((record) => record.startedMs !== null && record.status === "ok"),
  );
  const size = Math.min(...told.map((series) => series.requestSize));
  const allSeries = told.filter((series) => series.requestSize === size);
  if (allSeries.length <= MAX_TIMELINES) return allSeries;
  return Array.from(
    { length: MAX_TIMELINES },
    (_, i) => allSeries[Math.round((i * (allSeries.length - 1)) / (MAX_TIMELINES - 1))]!,
  );
}

/** Times from the first dispatch on. */
export function timelineBars(records: readonly RequestRecord[]): TimelineBar[] {
  const shown = records
    .filter((record) => record.startedMs !== null && record.lastTokenMs !== null)
    .slice(0, MAX_REQUESTS);
  const originMs = Math.min(...shown.map((record) => record.dispatchedMs));
  return shown.flatMap((record) => {
    const { seq, slot } = record;
    const [sentMs, startedMs, endedMs] = [record.dispatchedMs, record.startedMs ?? 0, record.lastTokenMs ?? 0].map(
      (time) => time - originMs,
    ) as [number, number, number];
    return [
      { seq, phase: "waiting" as const, fromMs: sentMs, toMs: startedMs, slot: slot ?? 0 },
      { seq, phase: "processing" as const, fromMs: startedMs, toMs: endedMs, slot: slot ?? 0 },
    ];
  });
}

/** When the longest timeline ends, if one axis suits all; undefined where the short ones could not be read on it. */
function sharedEnd(timelines: readonly (readonly TimelineBar[])[]): number | undefined {
  const ends = timelines.map((bars) => Math.max(...bars.map((bar) => bar.toMs)));
  const longest = Math.max(...ends);
  return longest <= MAX_SHARED_RATIO * Math.min(...ends) ? longest : undefined;
}

/** The first request and every fifth or tenth. */
export function requestTicks(first: number, last: number): number[] {
  const step = last - first >= 30 ? 10 : 5;
  const multiples = Array.from({ length: last - first }, (_, i) => first + 1 + i).filter((seq) => seq % step === 0);
  return [first, ...multiples.filter((seq) => seq - first > step / 2)];
}

function timeline(
  name: string,
  bars: readonly TimelineBar[],
  given: { unit: { name: string; divisor: number }; named: boolean; alone: boolean; sharedMs: number | undefined },
): Spec {
  const { unit, sharedMs } = given;
  const values = bars.map(({ fromMs, toMs, ...bar }) => ({
    ...bar,
    color: bar.phase === "waiting" ? "waiting" : `slot ${bar.slot % MAX_COLORS}`,
    from: fromMs / unit.divisor,
    to: toMs / unit.divisor,
  }));
  const domain = ["waiting", ...Array.from({ length: MAX_COLORS }, (_, i) => `slot ${i}`)];
  const [first, last] = [Math.min(...bars.map((bar) => bar.seq)), Math.max(...bars.map((bar) => bar.seq))];
  const rows = last - first + 1;
  return {
    title: { text: name, fontSize: 12, offset: 4 },
    data: { values },
    width: given.alone ? 600 : 330,
    height: Math.max(120, rows * (given.alone ? 10 : 6)),
    mark: { type: "bar", height: given.alone ? 8 : 4.6 },
    encoding: {
      x: {
        field: "from",
        type: "quantitative",
        title: `time (${unit.name})`,
        scale: { nice: false, ...(sharedMs === undefined ? { zero: true } : { domain: [0, sharedMs / unit.divisor] }) },
      },
      x2: { field: "to" },
      y: {
        field: "seq",
        type: "quantitative",
        title: given.named ? "request" : null,
        scale: { reverse: true, domain: [first - 0.5, last + 0.5], nice: false },
        axis: { grid: false, values: requestTicks(first, last) },
      },
      color: {
        field: "color",
        type: "nominal",
        scale: { domain, range: [WAITING_COLOR, ...orderedColors(MAX_COLORS)] },
        legend: null,
      },
      tooltip: [
        { field: "seq", title: "request" },
        { field: "phase" },
        { field: "slot" },
        { field: "from", title: `from (${unit.name})`, format: ",.3~r" },
        { field: "to", title: `to (${unit.name})`, format: ",.3~r" },
      ],
    },
  };
}
