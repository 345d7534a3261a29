/** The table of a sweep, a row per variant, and its best variants. */
import { latencyMs } from "../metrics/request.js";
import type { Axis, Results, RunResult, SettingValue } from "../results/schema.js";
import { failedIn, overRepeats, pooled, type RepeatSpread, type Series, seriesOf } from "../results/series.js";
import { counted, digits, duration, NONE } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** Medians over the repeats; ± is half the distance between the least and the greatest. */
export function sweepTable(results: Results): string {
  const allSeries = seriesOf(results);
  const best = bestOf(allSeries, ({ summary }) => summary.tokensPerSec, "most");
  const quickest = bestOf(allSeries, ({ summary }) => summary.latencyMs?.p50, "least");
  const lines = [
    ...textTable(columns(results.axes, best, quickest), allSeries),
    "",
    ...(best
      ? [`★ best throughput: ${tokensPerSec(best)} tokens/s at ${placeOf(best)}${ties(allSeries, best, throughput)}`]
      : []),
    ...(quickest
      ? [`▼ best p50: ${durationSpread(p50(quickest))} at ${placeOf(quickest)}${ties(allSeries, quickest, p50)}`]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function columns(axes: readonly Axis[], best: Series | undefined, quickest: Series | undefined): Column<Series>[] {
  const right = (title: string, value: (series: Series) => string): Column<Series> => ({
    title,
    align: "right",
    value,
  });
  return [
    {
      title: "  variant",
      align: "left",
      value: (series) => `${series === best ? "★" : " "}${series === quickest ? "▼" : " "}${schedulerOf(series)}`,
    },
    ...axes.map((axis) => right(axis.name, (series) => shown(series.axes[axis.name]))),
    right("p50", (series) => durationSpread(p50(series))),
    right("p95", (series) => durationSpread(overRepeats(series, ({ summary }) => summary.latencyMs?.p95))),
    right("p99", (series) => duration(pooled(series, latencyMs)?.p99)),
    right("req/s", (series) => digits(overRepeats(series, ({ summary }) => summary.requestsPerSec)?.median)),
    right("tokens/s", tokensPerSec),
    right("batch", (series) => digits(overRepeats(series, ({ summary }) => summary.batchSizeMean)?.median)),
    right("failed", (series) => String(failedIn(series))),
  ];
}

function schedulerOf({ label, axes, policy }: Series): string {
  return Object.keys(axes).length > 0 ? policy : label;
}

function p50(series: Series): RepeatSpread | null {
  return overRepeats(series, ({ summary }) => summary.latencyMs?.p50);
}

function throughput(series: Series): RepeatSpread | null {
  return overRepeats(series, ({ summary }) => summary.tokensPerSec);
}

/** The first of several equals must not look like the only one. */
function ties(allSeries: readonly Series[], best: Series, figure: (series: Series) => RepeatSpread | null): string {
  const others = allSeries.filter(
    (series) => series !== best && figure(series)?.median === figure(best)?.median,
  ).length;
  return others === 0 ? "" : ` (${counted(others, "other variant")} just as good)`;
}

function tokensPerSec(series: Series): string {
  const spread = throughput(series);
  return spread ? `${digits(spread.median)}${plusMinus(spread, digits)}` : NONE;
}

function durationSpread(spread: RepeatSpread | null): string {
  return spread ? `${duration(spread.median)}${plusMinus(spread, duration)}` : NONE;
}

function plusMinus({ min, max }: RepeatSpread, format: (value: number) => string): string {
  return max > min ? ` ± ${format((max - min) / 2)}` : "";
}

function shown(value: SettingValue | undefined): string {
  return value === undefined ? NONE : String(value);
}

function placeOf(series: Series): string {
  const place = Object.entries(series.axes).map(([name, value]) => `${name}=${value}`);
  return place.length > 0 ? place.join(", ") : series.label;
}

function bestOf(
  allSeries: readonly Series[],
  figure: (run: RunResult) => number | null | undefined,
  wanted: "most" | "least",
): Series | undefined {
  const sign = wanted === "most" ? 1 : -1;
  const value = (series: Series): number => {
    const spread = overRepeats(series, figure);
    return spread ? sign * spread.median : Number.NEGATIVE_INFINITY;
  };
  const [first, ...others] = allSeries.filter((series) => overRepeats(series, figure) !== null);
  return first && others.reduce((best, series) => (value(series) > value(best) ? series : best), first);
}
