import { type Command, Option } from "commander";
import { SluiceError } from "../../errors.js";
import { batchOption, gridPoints, type Point, waitOption } from "../../experiment/sweep.js";
import { typedValue } from "../../options.js";
import type { Axis } from "../../results/schema.js";
import { ORDERS } from "../../scheduler/orders/registry.js";
import type { PolicyDefinition } from "../../scheduler/policy.js";
import { listOf, number, oneOf, wholeNumber } from "../values.js";
import { policyFlags } from "./scheduler.js";

export interface AxisFlags {
  batchTimeout?: number[];
  maxBatch?: number[];
  shortJobFirst?: boolean[];
  order?: string[];
  pairs?: string[];
}

/** The grid of the scheduling experiment, for a sweep that names no axis. */
const DEFAULT_GRID = { batchTimeout: [5, 10, 25, 50], maxBatch: [2, 4, 8], shortJobFirst: [true, false] };

/** Every option of a policy can be an axis: its flag takes several values. */
export function addAxisOptions(command: Command): Command {
  const orders = ORDERS.map((order) => order.name);
  const booleans = oneOf("--short-job-first", ["true", "false"]);
  command
    .optionsGroup("Axes, each with several values:")
    .option("--batch-timeout <ms...>", "axis: how long a batch waits to fill", listOf(number("--batch-timeout", 0)))
    .option("--max-batch <n...>", "axis: the largest batch", listOf(wholeNumber("--max-batch", 1, 256)))
    .option(
      "--short-job-first <true|false...>",
      "axis: short jobs first, or in order of arrival",
      listOf((word) => booleans(word) === "true"),
    )
    .option("--order <order...>", `axis: ${orders.join("|")}`, listOf(oneOf("--order", orders)))
    .option(
      "--pairs <batch:ms...>",
      "largest batch and longest wait together, such as 1:0 2:10 8:20",
      listOf((word) => word),
    );
  for (const { flag, spec, owners } of policyFlags()) {
    const names = owners.map((owner) => owner.policy).join(", ");
    command.addOption(
      new Option(`--${flag} <values...>`, `axis: ${spec.help} (${names})`).argParser(listOf((word) => word)),
    );
  }
  return command;
}

/**
 * The points that the flags ask for, in their order; without any, the grid of the scheduling experiment.
 *
 * @param alone false: there are axes besides the scheduler's, and without flags it keeps its own settings
 * @throws SluiceError `usage`: pairs beside other axes, an axis that the policy has not, or a pair that cannot be read
 */
export function sweepPoints(
  flags: AxisFlags,
  command: Command,
  { policy, alone }: { policy: PolicyDefinition; alone: boolean },
): Point[] {
  const optionAxes = policyAxes(command, policy);
  const named = [flags.batchTimeout, flags.maxBatch, flags.shortJobFirst, flags.order].some(
    (axis) => axis !== undefined,
  );
  if (flags.pairs) {
    if (named || optionAxes.length > 0) throw new SluiceError("usage", "--pairs cannot be combined with other axes");
    return [...new Set(flags.pairs)].map((pair) => pointOf(pair, policy));
  }
  if (flags.order && flags.shortJobFirst) {
    throw new SluiceError("usage", "--short-job-first and --order are the same axis; give one of them");
  }
  const chosen: AxisFlags = named || optionAxes.length > 0 || !alone ? flags : DEFAULT_GRID;
  return gridPoints([...commonAxes(chosen, policy), ...optionAxes]);
}

function commonAxes({ batchTimeout, maxBatch, shortJobFirst, order }: AxisFlags, policy: PolicyDefinition): Axis[] {
  return [
    ...(batchTimeout ? [{ name: waitOption(policy), values: batchTimeout }] : []),
    ...(maxBatch ? [{ name: batchOption(policy), values: maxBatch }] : []),
    ...(shortJobFirst ? [{ name: "shortJobFirst", values: shortJobFirst }] : []),
    ...(order ? [{ name: "order", values: order }] : []),
  ];
}

function policyAxes(command: Command, policy: PolicyDefinition): Axis[] {
  return policyFlags().flatMap(({ name, flag }) => {
    const words = command.getOptionValue(name) as string[] | undefined;
    if (!words) return [];
    const spec = policy.options[name];
    if (spec) return [{ name, values: words.map((word) => typedValue(spec, word)) }];
    const known = Object.keys(policy.options).join(", ") || "none";
    throw new SluiceError("usage", `--${flag}: ${policy.name} has no option ${name}; it has: ${known}`);
  });
}

function pointOf(pair: string, policy: PolicyDefinition): Point {
  const match = /^(\d+):(\d+(?:\.\d+)?)$/.exec(pair);
  if (!match)
    throw new SluiceError("usage", `--pairs: "${pair}" is not like 8:20 (largest batch : longest wait in ms)`);
  return { [batchOption(policy)]: Number(match[1]), [waitOption(policy)]: Number(match[2]) };
}
