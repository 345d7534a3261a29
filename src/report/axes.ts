/** The axes of a sweep, as tables, charts and findings speak of them. */
import type { Axis, Results, SettingValue } from "../results/schema.js";
import type { Series } from "../results/series.js";

type AxisRole = NonNullable<Axis["role"]>;

/** The axis that bounds the batch size; undefined when the sweep has none. */
export function batchAxisOf(results: Results): string | undefined {
  return axisWith("batch-limit", results);
}

/** The axis that bounds the wait; undefined when the sweep has none. */
export function waitAxisOf(results: Results): string | undefined {
  return axisWith("batch-wait", results);
}

function axisWith(role: AxisRole, { axes }: Results): string | undefined {
  return axes.find((axis) => axis.role === role)?.name;
}

/** "batch 8, wait 20 ms, short jobs first": a place on the axes in words. */
export function describeAxes({ axes, roles }: Pick<Series, "axes" | "roles">, without: readonly string[] = []): string {
  return Object.entries(axes)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => describeAxis({ name, role: roles[name] }, value))
    .join(", ");
}

/** "short jobs first" or "in order of arrival" for that choice, the name and value where the axis has no role. */
export function describeAxis({ name, role }: Pick<Axis, "name" | "role">, value: SettingValue): string {
  if (role === "batch-limit") return `batch ${value}`;
  if (role === "batch-wait") return `wait ${value} ms`;
  if (role === "short-first") return value === true ? "short first" : "by arrival";
  return `${name} ${value}`;
}

/** What a variant is called where those of one results file stand side by side. */
export function seriesName(series: Series): string {
  if (series.baseline && Object.keys(series.axes).length === 0) return series.label;
  const place = describeAxes(series);
  if (place === "") return series.label;
  return series.baseline ? `${series.label}: ${place}` : place;
}
