/** `sluice sweep`: one scheduler at every point of a grid, or at given pairs, beside the un-batched baseline. */
import { SluiceError } from "../errors.js";
import { type OptionRole, type OptionSpecs, optionWith } from "../options.js";
import type { Axis, SettingValue } from "../results/schema.js";
import type { PolicyDefinition } from "../scheduler/policy.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import { resolveVariants, type SchedulerEntry, type Variant, type VariantLoad } from "./variant.js";

/** A place on the axes: option names, `order` or `shortJobFirst`, each with its value. */
export type Point = Readonly<Record<string, SettingValue>>;

/** What the un-batched run is called in tables and charts. */
export const BASELINE_LABEL = "un-batched";

/** The option that `--max-batch` means. @throws SluiceError `usage` for a policy without one */
export function batchOption(policy: PolicyDefinition): string {
  return optionFor("--max-batch", "batch-limit", policy);
}

/** The option that `--batch-timeout` means. @throws SluiceError `usage` for a policy without one */
export function waitOption(policy: PolicyDefinition): string {
  return optionFor("--batch-timeout", "batch-wait", policy);
}

function optionFor(flag: string, role: OptionRole, policy: PolicyDefinition): string {
  const found = optionWith(role, policy.options);
  if (found !== undefined) return found;
  throw new SluiceError("usage", `${flag} means nothing to ${policy.name}: none of its options has the role "${role}"`);
}

/** Every combination of the axes' values, the last axis changing fastest. A value that is given twice counts once. */
export function gridPoints(axes: readonly Axis[]): Point[] {
  return axes.reduce<Point[]>(
    (points, { name, values }) =>
      points.flatMap((point) => [...new Set(values)].map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/**
 * The axes that a list of points spans, values in the order in which they first appear.
 *
 * @param options of the policy whose points they are
 */
export function axesOf(points: readonly Point[], options: OptionSpecs): Axis[] {
  const names = Object.keys(points[0] ?? {});
  return names.map((name) => {
    const values = [...new Set(points.map((point) => point[name] ?? ""))];
    const role = name === "shortJobFirst" ? "short-first" : options[name]?.role;
    return { name, values, ...(role === undefined ? {} : { role }) };
  });
}

export interface SweepSettings {
  readonly entry: SchedulerEntry;
  readonly points: readonly Point[];
  readonly scheduler: SchedulerSettings;
  readonly concurrency: number;
  /** Whether the un-batched run is made too. */
  readonly baseline: boolean;
}

/**
 * A variant per point, and the baseline first.
 *
 * @throws SluiceError `usage` for a point that can never run
 */
export async function sweepVariants(settings: SweepSettings): Promise<Variant[]> {
  const { scheduler, concurrency } = settings;
  const variants: Variant[] = [];
  if (settings.baseline) {
    const entries = [{ name: "sequential", options: {} }];
    const [sequential] = await resolveVariants({ entries, options: {}, scheduler, concurrency });
    if (sequential) variants.push({ ...sequential, label: BASELINE_LABEL, baseline: true });
  }
  for (const point of settings.points) {
    const { order, shortJobFirst, ...options } = point;
    const entry = { ...settings.entry, options: { ...settings.entry.options, ...asText(options) } };
    const ordered = { ...scheduler, order: shortJobFirst === true ? "sjf" : String(order ?? scheduler.order) };
    const [variant] = await resolveVariants({ entries: [entry], options: {}, scheduler: ordered, concurrency });
    if (variant) variants.push({ ...variant, label: labelOf(variant.label, point), axes: point });
  }
  return variants;
}

/** What clients do at a point of a sweep. */
export interface LoadPoint extends VariantLoad {
  /** Its place on the axes that are the load's; empty where the load is the same everywhere. */
  readonly axes: Point;
}

/** Every variant under every load. */
export function underLoads(variants: readonly Variant[], loads: readonly LoadPoint[]): Variant[] {
  return loads.flatMap(({ axes, ...load }) =>
    variants.map((variant) => ({
      ...variant,
      label: labelOf(variant.label, axes),
      axes: { ...variant.axes, ...axes },
      load,
    })),
  );
}

function asText(options: Point): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}

function labelOf(policy: string, point: Point): string {
  return [policy, ...Object.entries(point).map(([name, value]) => `${name}=${value}`)].join(" ");
}
