/** The table of a sweep, a row per variant, and its best variants. */
import { meanBatchSize } from "../metrics/batches.js";
import type { Axis, Results, SettingValue } from "../results/schema.js";
import { batchSizesOf, failedIn, type Series, seriesOf } from "../results/series.js";
import { P50, P95, P99, type Spread, spreadOf, THROUGHPUT, TOKENS } from "../results/series-metrics.js";
import { counted, digits, duration, NONE } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** Rates are means over the repeats, percentiles of all requests; ± is half the distance between the least and the greatest. */
export function sweepTable(results: Results): string {
  const allSeries = seriesOf(results);
  const best = bestOf(allSeries, throughput, "most");
  const quickest = bestOf(allSeries, p50, "least");
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
    right("p95", (series) => durationSpread(spreadOf(series, P95))),
    right("p99", (series) => duration(spreadOf(series, P99)?.value)),
    right("req/s", (series) => digits(spreadOf(series, THROUGHPUT)?.value)),
    right("tokens/s", tokensPerSec),
    right("batch", (series) => digits(meanBatchSize(batchSizesOf(series)))),
    right("failed", (series) => String(failedIn(series))),
  ];
}

function schedulerOf({ label, axes, policy }: Series): string {
  return Object.keys(axes).length > 0 ? policy : label;
}

function p50(series: Series): Spread | undefined {
  return spreadOf(series, P50);
}

function throughput(series: Series): Spread | undefined {
  return spreadOf(series, TOKENS);
}

/** The first of several equals must not look like the only one. */
function ties(allSeries: readonly Series[], best: Series, figure: (series: Series) => Spread | undefined): string {
  const others = allSeries.filter((series) => series !== best && figure(series)?.value === figure(best)?.value).length;
  return others === 0 ? "" : ` (${counted(others, "other variant")} just as good)`;
}

function tokensPerSec(series: Series): string {
  const spread = throughput(series);
  return spread ? `${digits(spread.value)}${plusMinus(spread, digits)}` : NONE;
}

function durationSpread(spread: Spread | undefined): string {
  return spread ? `${duration(spread.value)}${plusMinus(spread, duration)}` : NONE;
}

function plusMinus({ low, high }: Spread, format: (value: number) => string): string {
  return high > low ? ` ± ${format((high - low) / 2)}` : "";
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
  figure: (series: Series) => Spread | undefined,
  wanted: "most" | "least",
): Series | undefined {
  const sign = wanted === "most" ? 1 : -1;
  const value = (series: Series): number => {
    const spread = figure(series);
    return spread ? sign * spread.value : Number.NEGATIVE_INFINITY;
  };
  const [first, ...others] = allSeries.filter((series) => figure(series) !== undefined);
  return first && others.reduce((best, series) => (value(series) > value(best) ? series : best), first);
}
