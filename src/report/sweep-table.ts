/** The table of a sweep, a row per setting, and its best settings. */
import { groupRuns, pooled, type RunGroup, type Spread, spreadOf } from "../bench/groups.js";
import { latencyMs } from "../bench/request-metrics.js";
import type { Axis, Results, RunSummary, SettingValue } from "../bench/results.js";
import { counted, digits, duration, NONE } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** Medians over the repeats; ± is half the distance between the least and the greatest. */
export function sweepTable({ runs, axes }: Results): string {
  const groups = groupRuns(runs);
  const best = bestOf(groups, (summary) => summary.tokensPerSec, "most");
  const quickest = bestOf(groups, (summary) => summary.latencyMs?.p50, "least");
  const lines = [
    ...textTable(columns(axes, best, quickest), groups),
    "",
    ...(best
      ? [`★ best throughput: ${tokensPerSec(best)} tokens/s at ${placeOf(best)}${ties(groups, best, throughput)}`]
      : []),
    ...(quickest
      ? [`▼ best p50: ${durationSpread(p50(quickest))} at ${placeOf(quickest)}${ties(groups, quickest, p50)}`]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function columns(
  axes: readonly Axis[],
  best: RunGroup | undefined,
  quickest: RunGroup | undefined,
): Column<RunGroup>[] {
  const right = (title: string, value: (group: RunGroup) => string): Column<RunGroup> => ({
    title,
    align: "right",
    value,
  });
  return [
    {
      title: "  setting",
      align: "left",
      value: (group) => `${group === best ? "★" : " "}${group === quickest ? "▼" : " "}${schedulerOf(group)}`,
    },
    ...axes.map((axis) => right(axis.name, (group) => shown(group.runs[0]?.axes[axis.name]))),
    right("p50", (group) => durationSpread(p50(group))),
    right("p95", (group) => durationSpread(spreadOf(group, (summary) => summary.latencyMs?.p95))),
    right("p99", (group) => duration(pooled(group, latencyMs)?.p99)),
    right("req/s", (group) => digits(spreadOf(group, (summary) => summary.requestsPerSec)?.median)),
    right("tokens/s", tokensPerSec),
    right("batch", (group) => digits(spreadOf(group, (summary) => summary.batchSizeMean)?.median)),
    right("failed", (group) => String(failed(group))),
  ];
}

function schedulerOf({ label, runs }: RunGroup): string {
  const [first] = runs;
  return first && Object.keys(first.axes).length > 0 ? first.policy : label;
}

function failed({ runs }: RunGroup): number {
  return runs.reduce((sum, run) => sum + run.summary.requests - run.summary.ok, 0);
}

function p50(group: RunGroup): Spread | null {
  return spreadOf(group, (summary) => summary.latencyMs?.p50);
}

function throughput(group: RunGroup): Spread | null {
  return spreadOf(group, (summary) => summary.tokensPerSec);
}

/** The first of several equals must not look like the only one. */
function ties(groups: readonly RunGroup[], best: RunGroup, figure: (group: RunGroup) => Spread | null): string {
  const others = groups.filter((group) => group !== best && figure(group)?.median === figure(best)?.median).length;
  return others === 0 ? "" : ` (${counted(others, "other setting")} just as good)`;
}

function tokensPerSec(group: RunGroup): string {
  const spread = throughput(group);
  return spread ? `${digits(spread.median)}${plusMinus(spread, digits)}` : NONE;
}

function durationSpread(spread: Spread | null): string {
  return spread ? `${duration(spread.median)}${plusMinus(spread, duration)}` : NONE;
}

function plusMinus({ min, max }: Spread, format: (value: number) => string): string {
  return max > min ? ` ± ${format((max - min) / 2)}` : "";
}

function shown(value: SettingValue | undefined): string {
  return value === undefined ? NONE : String(value);
}

function placeOf(group: RunGroup): string {
  const place = Object.entries(group.runs[0]?.axes ?? {}).map(([name, value]) => `${name}=${value}`);
  return place.length > 0 ? place.join(", ") : group.label;
}

function bestOf(
  groups: readonly RunGroup[],
  figure: (summary: RunSummary) => number | null | undefined,
  wanted: "most" | "least",
): RunGroup | undefined {
  const sign = wanted === "most" ? 1 : -1;
  const value = (group: RunGroup): number => {
    const spread = spreadOf(group, figure);
    return spread ? sign * spread.median : Number.NEGATIVE_INFINITY;
  };
  const [first, ...others] = groups.filter((group) => spreadOf(group, figure) !== null);
  return first && others.reduce((best, group) => (value(group) > value(best) ? group : best), first);
}
