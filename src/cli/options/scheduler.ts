import { type Command, Option } from "commander";
import { kebabCase } from "../../naming.js";
import type { OptionSpec } from "../../scheduler/options.js";
import { ORDERS } from "../../scheduler/orders/registry.js";
import { POLICIES } from "../../scheduler/policies/registry.js";
import { DEFAULT_SCHEDULER, type SchedulerSettings } from "../../scheduler/settings.js";
import { number, oneOf, wholeNumber } from "../values.js";

export interface SchedulerFlags {
  order?: string;
  shortJobFirst?: boolean;
  ageAfterMs?: number;
  maxNumQueuedReqs?: number;
  maxNumQueuedTokens?: number;
  compactSlots?: boolean;
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

/** vLLM users set the share of memory by environment; for `dynamic` it is the threshold from which batches shrink. */
const ENVIRONMENT: Readonly<Record<string, string>> = { memoryThreshold: "GPU_MEMORY_UTIL" };

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
  for (const { name, flag, spec, owners } of policyFlags()) {
    const argument = spec.kind === "boolean" ? "<true|false>" : "<n>";
    const option = new Option(`--${flag} ${argument}`, `${spec.help} (${defaults(owners)})`);
    const variable = ENVIRONMENT[name];
    command.addOption(variable ? option.env(variable) : option);
  }
  return command;
}

/** What holds for every policy. */
export function addQueueOptions(command: Command): Command {
  return addLimitOptions(addOrderOptions(command));
}

function addOrderOptions(command: Command): Command {
  const orders = ORDERS.map((order) => order.name);
  return command
    .optionsGroup("Queue:")
    .option(
      "--order <order>",
      `who is next: ${orders.join("|")} (default: ${DEFAULT_SCHEDULER.order})`,
      oneOf("--order", orders),
    )
    .option("--short-job-first", "the order sjf: fewest max_tokens first");
}

/** Ageing, queue limits and compaction. */
export function addLimitOptions(command: Command): Command {
  return command
    .optionsGroup("Queue:")
    .option(
      "--age-after-ms <ms>",
      `a request that waited so long goes first (default: ${DEFAULT_SCHEDULER.ageAfterMs})`,
      number("--age-after-ms", 0),
    )
    .option(
      "--max-num-queued-reqs <n>",
      `most requests that wait (default: ${DEFAULT_SCHEDULER.maxNumQueuedReqs})`,
      wholeNumber("--max-num-queued-reqs", 1),
    )
    .option(
      "--max-num-queued-tokens <n>",
      "most prompt tokens that wait (default: no limit)",
      wholeNumber("--max-num-queued-tokens", 1),
    )
    .option("--no-compact-slots", "leave gaps between running slots, which split every step");
}

/** Everything but the policy and its options. */
export function schedulerSettings(flags: SchedulerFlags): SchedulerSettings {
  return {
    ...DEFAULT_SCHEDULER,
    order: flags.shortJobFirst ? "sjf" : (flags.order ?? DEFAULT_SCHEDULER.order),
    ageAfterMs: flags.ageAfterMs ?? DEFAULT_SCHEDULER.ageAfterMs,
    maxNumQueuedReqs: flags.maxNumQueuedReqs ?? DEFAULT_SCHEDULER.maxNumQueuedReqs,
    maxNumQueuedTokens: flags.maxNumQueuedTokens ?? DEFAULT_SCHEDULER.maxNumQueuedTokens,
    compactSlots: flags.compactSlots ?? DEFAULT_SCHEDULER.compactSlots,
  };
}

/** The policy options among a command's flags, as text. What the environment gave is not forced on who cannot use it. */
export function policyOptions(command: Command): { given: Record<string, string>; optional: Record<string, string> } {
  const given: Record<string, string> = {};
  const optional: Record<string, string> = {};
  for (const { name } of policyFlags()) {
    const value: unknown = command.getOptionValue(name);
    if (value === undefined) continue;
    (command.getOptionValueSource(name) === "env" ? optional : given)[name] = String(value);
  }
  return { given, optional };
}

function defaults(owners: PolicyFlag["owners"]): string {
  return owners.map(({ policy, spec }) => `${policy}: ${spec.default}`).join(", ");
}
