/** The axes of a sweep, as tables, charts and findings speak of them. */
import type { Results, SettingValue } from "../results/schema.js";
import type { Series } from "../results/series.js";

/** Options that bound how many sequences run together, in every policy that ships. */
const BATCH_OPTION = /^(max-?)?batch(-?size)?$|^max-?num-?seqs$/i;
/** Options that bound how long a batch waits to fill. */
const WAIT_OPTION = /^max-?wait(-?ms)?$|^(batch-?)?timeout(-?ms)?$/i;
/** The choice between arrival order and short jobs first. */
const SHORT_FIRST_OPTION = /^short-?job-?first$/i;

/** The axis that bounds the batch size; undefined when the sweep has none. */
export function batchAxisOf(results: Results): string | undefined {
  return results.axes.find((axis) => BATCH_OPTION.test(axis.name))?.name;
}

/** The axis that bounds the wait; undefined when the sweep has none. */
export function waitAxisOf(results: Results): string | undefined {
  return results.axes.find((axis) => WAIT_OPTION.test(axis.name))?.name;
}

/** "batch 8, wait 20 ms, short jobs first": a place on the axes in words. */
export function describeAxes(axes: Readonly<Record<string, SettingValue>>, without: readonly string[] = []): string {
  return Object.entries(axes)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => describeAxis(name, value))
    .join(", ");
}

/** "short jobs first" or "in order of arrival" for that choice, the name and value otherwise. */
export function describeAxis(name: string, value: SettingValue): string {
  if (BATCH_OPTION.test(name)) return `batch ${value}`;
  if (WAIT_OPTION.test(name)) return `wait ${value} ms`;
  if (SHORT_FIRST_OPTION.test(name)) return value === true ? "short first" : "by arrival";
  return `${name} ${value}`;
}

/** What a variant is called where those of one results file stand side by side. */
export function seriesName(series: Series): string {
  if (series.baseline && Object.keys(series.axes).length === 0) return series.label;
  const place = describeAxes(series.axes);
  if (place === "") return series.label;
  return series.baseline ? `${series.label}: ${place}` : place;
}

/** The most sequences that a variant may run together, where one of its options says so. */
export function batchLimitOf(series: Series): number | undefined {
  const options = series.runs[0]?.policyOptions ?? {};
  const limit = Object.entries(options).find(([name]) => BATCH_OPTION.test(name))?.[1];
  return typeof limit === "number" ? limit : undefined;
}
