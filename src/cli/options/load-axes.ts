import type { Command } from "commander";
import { gridPoints, type LoadPoint } from "../../experiment/sweep.js";
import { isOpenLoop } from "../../workload/workload.js";
import { listOf } from "../values.js";
import { type WorkloadFlags, workloadSettings } from "./workload.js";

/** What clients do; a sweep takes several values of each, and then it is an axis. */
const LOAD_AXES = ["concurrency", "rate", "maxTokens", "outputLengths", "promptLengths"] as const;

type LoadAxis = (typeof LOAD_AXES)[number];

/** What the load flags say at one point. */
type LoadFlags = Pick<WorkloadFlags, Exclude<LoadAxis, "concurrency">> & { concurrency?: number };

/** The workload's flags where some take several values. */
export interface LoadAxisFlags extends Omit<WorkloadFlags, LoadAxis> {
  concurrency?: number[];
  rate?: number[];
  maxTokens?: number[];
  outputLengths?: string[];
  promptLengths?: string[];
}

/** Lets the command's load flags take several values. They must be there already. */
export function allowLoadAxes(command: Command): Command {
  for (const option of command.options) {
    if (!LOAD_AXES.some((name) => name === option.attributeName())) continue;
    option.variadic = true;
    option.flags = option.flags.replace(">", "...>");
    option.description += "; several: an axis";
    // Words without a parser are lengths, and those hold commas: each word is one value.
    if (option.parseArg) option.argParser(listOf(option.parseArg));
  }
  return command;
}

/**
 * Every load that the flags ask for; their places are empty where no flag has several values.
 *
 * @param defaultConcurrency of a closed loop; an open one has no limit
 * @throws SluiceError `usage`, as {@link workloadSettings}
 */
export function sweepLoads(flags: LoadAxisFlags, defaultConcurrency: number): LoadPoint[] {
  const given = LOAD_AXES.flatMap((name) => (flags[name] === undefined ? [] : [{ name, values: flags[name] }]));
  const varied = given.filter(({ values }) => values.length > 1).map(({ name }): string => name);
  return gridPoints(given).map((point) => {
    const { concurrency, ...own } = point as LoadFlags;
    const workload = workloadSettings({ ...withoutAxes(flags), ...own });
    const axes = Object.fromEntries(Object.entries(point).filter(([name]) => varied.includes(name)));
    return {
      axes,
      maxConcurrent: concurrency ?? (isOpenLoop(workload) ? Number.POSITIVE_INFINITY : defaultConcurrency),
      workload,
    };
  });
}

function withoutAxes(flags: LoadAxisFlags): Omit<WorkloadFlags, LoadAxis> {
  const {
    concurrency: _,
    rate: _rate,
    maxTokens: _maxTokens,
    outputLengths: _output,
    promptLengths: _prompt,
    ...rest
  } = flags;
  return rest;
}
