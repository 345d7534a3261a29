/** Which schedulers a command runs: names or policy files, their options, and what is refused before anything runs. */
import { SluiceError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import { type OptionValue, readOption, resolveOptions, typedValue } from "../options.js";
import type { SettingValue } from "../results/schema.js";
import { findOrder, loadPolicy } from "../scheduler/load.js";
import { POLICIES } from "../scheduler/policies/registry.js";
import type { PolicyDefinition } from "../scheduler/policy.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import type { WorkloadSettings } from "../workload/workload.js";

/** The server behind an endpoint schedules; `vllm` is the same by the name that people look for. */
export const REMOTE_SCHEDULERS: readonly string[] = ["remote", "vllm"];

/** A scheduler as the command line names it: `static` or `static:maxBatchSize=16`. */
export interface SchedulerEntry {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A scheduler ready to run. */
export interface Variant {
  /** Unique among the variants of a command. */
  readonly label: string;
  /** The scheduler's name, or the path of its file. */
  readonly policy: string;
  /** Undefined: the server behind the endpoint decides. */
  readonly settings: SchedulerSettings | undefined;
  /** The most sequences that it runs at once; the engine needs as many slots. */
  readonly maxSequences: number;
  readonly axes: Readonly<Record<string, SettingValue>>;
  readonly baseline: boolean;
  /** Processes of the server that it runs in, where it runs in one. */
  readonly workers?: number;
  /** What it is loaded with, where variants differ in that; else the experiment's own load. */
  readonly load?: VariantLoad;
}

export interface VariantLoad {
  readonly maxConcurrent: number;
  readonly workload: WorkloadSettings;
}

/**
 * Reads a list of schedulers, separated by spaces or commas; options follow a colon: `static:maxBatchSize=16,maxWaitMs=5`.
 *
 * @throws SluiceError `usage` for an option without a value
 */
export function parseSchedulers(words: readonly string[]): SchedulerEntry[] {
  const entries: { name: string; options: Record<string, string> }[] = [];
  for (const piece of words.flatMap((word) => word.split(",")).filter((word) => word !== "")) {
    const option = /^(?:(.+?):)?([A-Za-z]\w*)=(.*)$/.exec(piece);
    if (!option) {
      entries.push({ name: piece, options: {} });
      continue;
    }
    if (option[1] !== undefined) entries.push({ name: option[1], options: {} });
    const last = entries.at(-1);
    if (!last) throw new SluiceError("usage", `--schedulers: "${piece}" belongs to no scheduler`);
    last.options[option[2] ?? ""] = option[3] ?? "";
  }
  if (entries.length === 0) throw new SluiceError("usage", "--schedulers: name at least one");
  return entries;
}

/** A policy option as it was given beside the schedulers' names. */
export interface GivenOption {
  readonly word: string;
  /** What it is called where it was given: `--max-batch-size`, `GPU_MEMORY_UTIL`. */
  readonly called: string;
}

export type GivenOptions = Readonly<Record<string, GivenOption>>;

export interface VariantSettings {
  readonly entries: readonly SchedulerEntry[];
  /** Options given for all schedulers that have them, by option name; one that no scheduler has is refused. */
  readonly options: GivenOptions;
  /** The same, from the environment: nobody need have them. */
  readonly optionalOptions?: GivenOptions;
  /** Everything but the policy and its options. */
  readonly scheduler: SchedulerSettings;
  /** Requests that can be under way at the same time; Infinity in an open loop. */
  readonly concurrency: number;
}

/**
 * Finds every policy, checks its options and asks it whether it can run like this.
 *
 * @throws SluiceError `usage`: an unknown scheduler or option, a value out of its range, or a variant that can never run
 */
export async function resolveVariants(settings: VariantSettings): Promise<Variant[]> {
  findOrder(settings.scheduler.order);
  const found = await Promise.all(settings.entries.map(async (entry) => ({ entry, policy: await policyOf(entry) })));
  checkShared(
    settings.options,
    found.map(({ policy }) => policy),
  );
  const variants = found.map(({ entry, policy }) => variantOf(entry, policy, settings));
  return withUniqueLabels(variants, found);
}

/** A server that was configured when it was started. */
export function remoteVariant(name: string): Variant {
  return { label: name, policy: name, settings: undefined, maxSequences: 0, axes: {}, baseline: false };
}

/** Undefined for a remote scheduler. */
async function policyOf({ name, options }: SchedulerEntry): Promise<PolicyDefinition | undefined> {
  if (!REMOTE_SCHEDULERS.includes(name)) {
    const known = [...POLICIES.map((policy) => policy.name), ...REMOTE_SCHEDULERS];
    const looksLikeName = !/[\\/.]/.test(name);
    if (looksLikeName && !known.includes(name)) {
      throw new SluiceError(
        "usage",
        `no scheduler is called "${name}"${didYouMean(name, known)}; there are ${known.join(", ")}, or a policy file`,
        { field: "schedulers" },
      );
    }
    return loadPolicy(name);
  }
  const option = Object.keys(options)[0];
  if (option === undefined) return undefined;
  throw new SluiceError("usage", `${name} has no option ${option}: its server was configured when it was started`);
}

function variantOf(
  entry: SchedulerEntry,
  policy: PolicyDefinition | undefined,
  { options, optionalOptions, scheduler, concurrency }: VariantSettings,
): Variant {
  if (!policy) return remoteVariant(entry.name);
  const shared = sharedOptions(policy, { ...optionalOptions, ...options });
  const own = Object.entries(entry.options).map(([name, word]) => [name, typedValue(policy.options[name], word)]);
  const resolved = resolveOptions(policy.name, policy.options, { ...shared, ...Object.fromEntries(own) });
  const reason = policy.refuse?.(resolved, { concurrency });
  if (reason !== undefined) throw new SluiceError("usage", `${policy.name} cannot run like this: ${reason}`);
  return {
    label: policy.name,
    policy: entry.name,
    settings: { ...scheduler, policy: entry.name, policyOptions: resolved },
    maxSequences: policy.create(resolved).maxSequences,
    axes: {},
    baseline: false,
  };
}

/** Those that the policy has, checked under the names of whoever gave them. */
function sharedOptions(policy: PolicyDefinition, given: GivenOptions): Record<string, OptionValue> {
  const known = Object.entries(given).flatMap(([name, { word, called }]) => {
    const spec = policy.options[name];
    return spec === undefined ? [] : [[name, readOption(called, spec, word)] as const];
  });
  return Object.fromEntries(known);
}

function checkShared(options: GivenOptions, policies: readonly (PolicyDefinition | undefined)[]): void {
  for (const [name, { called }] of Object.entries(options)) {
    if (policies.some((policy) => policy && Object.hasOwn(policy.options, name))) continue;
    const owners = POLICIES.filter((policy) => Object.hasOwn(policy.options, name)).map((policy) => policy.name);
    throw new SluiceError(
      "usage",
      `${called}: none of the chosen schedulers has the option ${name}; it belongs to ${owners.join(", ")}`,
      {
        field: name,
      },
    );
  }
}

/**
 * Where a policy runs more than once, its labels tell the options that were given: `static maxBatchSize=16`. The very same
 * variant may run twice, which shows what the machine's noise makes of equals.
 */
function withUniqueLabels(
  variants: readonly Variant[],
  found: readonly { readonly entry: SchedulerEntry }[],
): Variant[] {
  const labels = variants.map((variant, index) => {
    if (variants.filter((other) => other.label === variant.label).length === 1) return variant.label;
    const options = Object.entries(found[index]?.entry.options ?? {}).map(([name, value]) => `${name}=${value}`);
    return [variant.label, ...options].join(" ");
  });
  return variants.map((variant, index) => {
    const label = labels[index]!;
    const before = labels.slice(0, index).filter((other) => other === label).length;
    return { ...variant, label: before === 0 ? label : `${label} #${before + 1}` };
  });
}
