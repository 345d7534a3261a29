import { type Command, Option } from "commander";
import type { GivenOption, GivenOptions } from "../../experiment/variant.js";
import { kebabCase } from "../../naming.js";
import type { OptionSpec } from "../../options.js";
import { POLICIES } from "../../scheduler/policies/registry.js";
import { DEFAULT_SCHEDULER, SCHEDULER_OPTIONS, type SchedulerSettings } from "../../scheduler/settings.js";
import { nameWhereGiven } from "../given.js";
import { needs } from "../needs.js";
import { addSettings, settingsOf } from "./settings.js";

/** The policy itself is named in other ways: `--schedulers`, `static:maxBatchSize=16`. */
const { policy: _, ...QUEUE } = SCHEDULER_OPTIONS;

export interface SchedulerFlags {
  readonly shortJobFirst?: boolean;
}

/** An option of one or more policies, as a flag. */
export interface PolicyFlag {
  /** The option's name, which is also the flag's name in code. */
  readonly name: string;
  readonly flag: string;
  readonly spec: OptionSpec;
  /** Policies that have it, each with its own default. */
  readonly owners: readonly { readonly policy: string; readonly spec: OptionSpec }[];
}

/** Every option that a policy has, once. */
export function policyFlags(): PolicyFlag[] {
  const flags = new Map<string, PolicyFlag>();
  for (const policy of POLICIES) {
    for (const [name, spec] of Object.entries(policy.options)) {
      const owners = [...(flags.get(name)?.owners ?? []), { policy: policy.name, spec }];
      flags.set(name, { name, flag: kebabCase(name), spec: owners[0]?.spec ?? spec, owners });
    }
  }
  return [...flags.values()];
}

/** Queue order and limits, and a flag for each policy option. */
export function addSchedulerOptions(command: Command): Command {
  addQueueOptions(command).optionsGroup("Scheduler:");
  for (const { flag, spec, owners } of policyFlags()) {
    const argument = spec.kind === "boolean" ? "<true|false>" : "<n>";
    const option = new Option(`--${flag} ${argument}`, `${spec.help} (${defaults(owners)})`);
    command.addOption(spec.variable === undefined ? option : option.env(spec.variable));
  }
  return command;
}

/** What holds for every policy. */
export function addQueueOptions(command: Command): Command {
  addSettings(command.optionsGroup("Queue:"), { order: QUEUE.order });
  command.addOption(
    needs(
      new Option("--short-job-first", "the order sjf: fewest max_tokens first"),
      "it is --order sjf, and --order names another; give one of them",
      ({ order }) => order === undefined || order === "sjf",
    ),
  );
  return addLimitOptions(command);
}

/** Ageing, queue limits and compaction. */
export function addLimitOptions(command: Command): Command {
  const { order: _, ...limits } = QUEUE;
  return addSettings(command.optionsGroup("Queue:"), limits);
}

/** Everything but the policy and its options. */
export function schedulerSettings(flags: SchedulerFlags): SchedulerSettings {
  const settings = { ...DEFAULT_SCHEDULER, ...settingsOf(flags, QUEUE) };
  return flags.shortJobFirst ? { ...settings, order: "sjf" } : settings;
}

/** The policy options among a command's flags. What the environment gave is not forced on who cannot use it. */
export function policyOptions(command: Command): { given: GivenOptions; optional: GivenOptions } {
  const given: Record<string, GivenOption> = {};
  const optional: Record<string, GivenOption> = {};
  for (const { name, flag } of policyFlags()) {
    const value: unknown = command.getOptionValue(name);
    const source = command.getOptionValueSource(name);
    const option = command.options.find(({ long }) => long === `--${flag}`);
    if (value === undefined || source === undefined || option === undefined) continue;
    (source === "env" ? optional : given)[name] = { word: String(value), called: nameWhereGiven(option, source) };
  }
  return { given, optional };
}

function defaults(owners: PolicyFlag["owners"]): string {
  return owners.map(({ policy, spec }) => `${policy}: ${spec.default}`).join(", ");
}
