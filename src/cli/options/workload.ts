import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";
import { SluiceError } from "../../errors.js";
import { didYouMean } from "../../nearest.js";
import { DEFAULT_MAX_TOKENS } from "../../scheduler/request.js";
import type { Sampling } from "../../targets/target.js";
import { ARRIVALS, type ArrivalName, type ArrivalSettings, checkArrivals } from "../../workload/arrivals.js";
import { parsePriorities, parseUsers } from "../../workload/classes.js";
import { parseLengths } from "../../workload/lengths.js";
import { loadPrompts } from "../../workload/prompts.js";
import { loadTrace, type TraceEntry } from "../../workload/traces.js";
import type { WorkloadSettings } from "../../workload/workload.js";
import { type Given, needs } from "../needs.js";
import { number, wholeNumber } from "../values.js";
import { addSamplingOptions, drawing, type SamplingFlags } from "./sampling.js";

export interface WorkloadFlags extends SamplingFlags {
  prompts?: string;
  promptLengths?: string;
  outputLengths?: string;
  sharedPrefix?: number;
  prefixGroups?: number;
  arrival?: string;
  rate?: number;
  burstiness?: number;
  rampTo?: number;
  timeScale?: number;
  maxPromptTokens?: number;
  ignoreEos?: boolean;
  priorities?: string;
  users?: string;
  deadlineMs?: string;
}

/** The forty prompts that come with Sluice, from src/cli/options as from dist/cli/options. */
const DEFAULT_PROMPTS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "prompts", "default.txt");

/** What is sent, how much of it, and when. */
export function addWorkloadOptions(command: Command): Command {
  addSamplingOptions(command).optionsGroup("Requests:");
  return addClassOptions(addArrivalOptions(addPromptOptions(command)));
}

function addPromptOptions(command: Command): Command {
  return command
    .addOption(
      needs(
        new Option(
          "--prompts <file>",
          "txt (one a line), json, jsonl or csv: texts, chats, ShareGPT, Alpaca, OpenAI batches (default: the forty that come with Sluice)",
        ),
        "a trace and --prompt-lengths make prompts of their own",
        (given) => given.promptLengths === undefined && !replays(given),
      ),
    )
    .addOption(
      needs(
        new Option("--prompt-lengths <spec>", "made-up prompts: fixed:64 | uniform:8-128 | lognormal:60,0.8"),
        TRACE_HAS_LENGTHS,
        (given) => !replays(given),
      ),
    )
    .addOption(
      needs(
        new Option(
          "--output-lengths <spec>",
          "fixed:64 | uniform:8-128 | lognormal:60,0.8 (default: fixed at --max-tokens)",
        ),
        TRACE_HAS_LENGTHS,
        (given) => !replays(given),
      ),
    )
    .option("--shared-prefix <tokens>", "the same words in front of every prompt", wholeNumber("--shared-prefix", 0))
    .addOption(
      needs(
        new Option("--prefix-groups <n>", "so many different prefixes (default: 1)").argParser(
          wholeNumber("--prefix-groups", 1),
        ),
        "it needs --shared-prefix, which says how long they are",
        ({ sharedPrefix }) => Number(sharedPrefix) > 0,
      ),
    );
}

function addArrivalOptions(command: Command): Command {
  return command
    .option("--arrival <process>", `${ARRIVALS.join("|")}|trace:FILE (default: closed: clients that wait for answers)`)
    .addOption(
      needs(
        new Option("--rate <n>", "requests per second in an open loop; where a ramp starts").argParser(
          number("--rate", 0),
        ),
        "a closed loop waits for answers and a trace has its own times; it needs --arrival constant, poisson, gamma or ramp",
        (given) => given.arrival !== "closed" && !replays(given),
      ),
    )
    .addOption(
      needs(
        new Option("--burstiness <b>", "gamma arrivals: 1 is Poisson, less is burstier (default: 1)").argParser(
          number("--burstiness", 0),
        ),
        "it needs --arrival gamma",
        ({ arrival }) => arrival === "gamma",
      ),
    )
    .addOption(
      needs(
        new Option("--ramp-to <n>", "requests per second where a ramp ends").argParser(number("--ramp-to", 0)),
        "it needs --arrival ramp",
        ({ arrival }) => arrival === "ramp",
      ),
    )
    .addOption(
      needs(
        new Option("--time-scale <x>", "replay a trace x times as fast (default: 1)").argParser(
          number("--time-scale", 0),
        ),
        NEEDS_TRACE,
        replays,
      ),
    )
    .addOption(
      needs(
        new Option("--max-prompt-tokens <n>", "cut longer prompts of a trace").argParser(
          wholeNumber("--max-prompt-tokens", 1),
        ),
        NEEDS_TRACE,
        replays,
      ),
    );
}

function addClassOptions(command: Command): Command {
  return command
    .option("--priorities <shares>", "priorities and their shares, lower first: 0:0.2,1:0.8 (order priority)")
    .option("--users <n|shares>", "so many users, or heavy:0.7,light:0.3 (order fair)")
    .option("--deadline-ms <spec>", "ms from sending to the last token: 2000 | uniform:500-5000 | lognormal:2000,0.8")
    .option("--no-ignore-eos", "let the model end its outputs early");
}

const TRACE_HAS_LENGTHS = "a trace has its own lengths";
const NEEDS_TRACE = "it needs --arrival trace:FILE";

function replays({ arrival }: Given): boolean {
  return typeof arrival === "string" && arrival.startsWith("trace:");
}

/**
 * Reads every file that the flags name.
 *
 * @throws SluiceError `usage`: with file and line, or the flag that is wrong
 */
export function workloadSettings(flags: WorkloadFlags): WorkloadSettings {
  const { arrivals, trace } = arrivalSettings(flags);
  return {
    prompts: loadPrompts(flags.prompts ?? DEFAULT_PROMPTS, note),
    promptLengths:
      flags.promptLengths === undefined ? undefined : parseLengths(flags.promptLengths, "--prompt-lengths"),
    maxPromptTokens: flags.maxPromptTokens ?? Number.POSITIVE_INFINITY,
    outputLengths:
      flags.outputLengths === undefined ? undefined : parseLengths(flags.outputLengths, "--output-lengths"),
    maxTokens: flags.maxTokens ?? (trace ? Number.POSITIVE_INFINITY : DEFAULT_MAX_TOKENS),
    arrivals,
    trace,
    timeScale: timeScaleOf(flags),
    sharedPrefixTokens: flags.sharedPrefix ?? 0,
    prefixGroups: flags.prefixGroups ?? 1,
    classes: {
      priorities: flags.priorities === undefined ? undefined : parsePriorities(flags.priorities),
      users: flags.users === undefined ? undefined : parseUsers(flags.users),
      timeouts: flags.deadlineMs === undefined ? undefined : parseLengths(flags.deadlineMs, "--deadline-ms"),
    },
  };
}

/**
 * How many requests each run sends; a trace has only so many, and a run that asks for more gets those.
 *
 * @param given by the command line; undefined: `fallback`, or the whole trace
 */
export function runSizes(
  { trace }: WorkloadSettings,
  given: readonly number[] | undefined,
  fallback: readonly number[],
): readonly number[] {
  if (!trace) return given ?? fallback;
  const tooMany = given?.filter((size) => size > trace.length) ?? [];
  if (tooMany.length === 0) return given ?? [trace.length];
  note(`the trace has ${trace.length} requests: that many run instead of ${tooMany.join(", ")}`);
  return [...new Set(given!.map((size) => Math.min(size, trace.length)))];
}

/** How requests are sampled; outputs have their full length unless `--no-ignore-eos`. */
export function samplingOf(flags: Omit<SamplingFlags, "maxTokens"> & { ignoreEos?: boolean }): Sampling {
  return { ...drawing(flags), ignoreEos: flags.ignoreEos ?? true };
}

/** What is no error and should be known before a run begins. */
function note(text: string): void {
  process.stderr.write(`sluice: ${text}\n`);
}

function timeScaleOf({ timeScale = 1 }: WorkloadFlags): number {
  if (timeScale > 0) return timeScale;
  throw new SluiceError("usage", `--time-scale must be a number above 0, got ${timeScale}`);
}

function arrivalSettings(flags: WorkloadFlags): {
  arrivals: ArrivalSettings | undefined;
  trace: readonly TraceEntry[] | undefined;
} {
  const arrival = flags.arrival ?? (flags.rate === undefined ? "closed" : "constant");
  if (arrival.startsWith("trace:"))
    return { arrivals: undefined, trace: loadTrace(arrival.slice("trace:".length), note) };
  const process = ARRIVALS.find((name) => name === arrival);
  if (!process) {
    const names = [...ARRIVALS, "trace:FILE"];
    throw new SluiceError(
      "usage",
      `--arrival: "${arrival}" is none of ${names.join(", ")}${didYouMean(arrival, names)}`,
    );
  }
  if (process === "closed") return { arrivals: undefined, trace: undefined };
  return { arrivals: openLoop(process, flags), trace: undefined };
}

function openLoop(process: Exclude<ArrivalName, "closed">, flags: WorkloadFlags): ArrivalSettings {
  if (flags.rate === undefined)
    throw new SluiceError("usage", `--arrival ${process} needs --rate, in requests per second`);
  return checkArrivals({
    process,
    ratePerSec: flags.rate,
    burstiness: flags.burstiness ?? 1,
    rampToPerSec: flags.rampTo ?? 0,
  });
}
