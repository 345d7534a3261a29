/** The table of a sweep, a row per setting, and its best settings. */
import { latencyMs } from "../results/request-metrics.js";
import type { Axis, Results, RunResult, SettingValue } from "../results/schema.js";
import { failedIn, overRepeats, pooled, type RepeatSpread, type Setting, settingsOf } from "../results/series.js";
import { counted, digits, duration, NONE } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** Medians over the repeats; ± is half the distance between the least and the greatest. */
export function sweepTable(results: Results): string {
  const settings = settingsOf(results);
  const best = bestOf(settings, ({ summary }) => summary.tokensPerSec, "most");
  const quickest = bestOf(settings, ({ summary }) => summary.latencyMs?.p50, "least");
  const lines = [
    ...textTable(columns(results.axes, best, quickest), settings),
    "",
    ...(best
      ? [`★ best throughput: ${tokensPerSec(best)} tokens/s at ${placeOf(best)}${ties(settings, best, throughput)}`]
      : []),
    ...(quickest
      ? [`▼ best p50: ${durationSpread(p50(quickest))} at ${placeOf(quickest)}${ties(settings, quickest, p50)}`]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function columns(axes: readonly Axis[], best: Setting | undefined, quickest: Setting | undefined): Column<Setting>[] {
  const right = (title: string, value: (setting: Setting) => string): Column<Setting> => ({
    title,
    align: "right",
    value,
  });
  return [
    {
      title: "  setting",
      align: "left",
      value: (setting) => `${setting === best ? "★" : " "}${setting === quickest ? "▼" : " "}${schedulerOf(setting)}`,
    },
    ...axes.map((axis) => right(axis.name, (setting) => shown(setting.axes[axis.name]))),
    right("p50", (setting) => durationSpread(p50(setting))),
    right("p95", (setting) => durationSpread(overRepeats(setting, ({ summary }) => summary.latencyMs?.p95))),
    right("p99", (setting) => duration(pooled(setting, latencyMs)?.p99)),
    right("req/s", (setting) => digits(overRepeats(setting, ({ summary }) => summary.requestsPerSec)?.median)),
    right("tokens/s", tokensPerSec),
    right("batch", (setting) => digits(overRepeats(setting, ({ summary }) => summary.batchSizeMean)?.median)),
    right("failed", (setting) => String(failedIn(setting))),
  ];
}

function schedulerOf({ label, axes, policy }: Setting): string {
  return Object.keys(axes).length > 0 ? policy : label;
}

function p50(setting: Setting): RepeatSpread | null {
  return overRepeats(setting, ({ summary }) => summary.latencyMs?.p50);
}

function throughput(setting: Setting): RepeatSpread | null {
  return overRepeats(setting, ({ summary }) => summary.tokensPerSec);
}

/** The first of several equals must not look like the only one. */
function ties(settings: readonly Setting[], best: Setting, figure: (setting: Setting) => RepeatSpread | null): string {
  const others = settings.filter(
    (setting) => setting !== best && figure(setting)?.median === figure(best)?.median,
  ).length;
  return others === 0 ? "" : ` (${counted(others, "other setting")} just as good)`;
}

function tokensPerSec(setting: Setting): string {
  const spread = throughput(setting);
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

function placeOf(setting: Setting): string {
  const place = Object.entries(setting.axes).map(([name, value]) => `${name}=${value}`);
  return place.length > 0 ? place.join(", ") : setting.label;
}

function bestOf(
  settings: readonly Setting[],
  figure: (run: RunResult) => number | null | undefined,
  wanted: "most" | "least",
): Setting | undefined {
  const sign = wanted === "most" ? 1 : -1;
  const value = (setting: Setting): number => {
    const spread = overRepeats(setting, figure);
    return spread ? sign * spread.median : Number.NEGATIVE_INFINITY;
  };
  const [first, ...others] = settings.filter((setting) => overRepeats(setting, figure) !== null);
  return first && others.reduce((best, setting) => (value(setting) > value(best) ? setting : best), first);
}
