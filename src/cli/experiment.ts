/** What `bench`, `sweep` and `loadtest` have in common: folder first, then the model, then the runs, then the files. */
import { availableParallelism, loadavg } from "node:os";
import type { Experiment } from "../experiment/experiment.js";
import {
  type CommandRecord,
  type ExtraFiles,
  type OpenedResults,
  openResults,
  runRecorded,
} from "../experiment/record.js";
import type { Session } from "../experiment/session.js";
import type { ResolveOptions } from "../models/resolve.js";
import { classTables } from "../report/class-table.js";
import { type Demands, judge } from "../report/demands.js";
import { findingLines } from "../report/text.js";
import type { Results, ResultsDesign } from "../results/schema.js";
import { DEFAULT_PRECISION } from "../results/verdict.js";
import { isOpenLoop, type WorkloadSettings } from "../workload/workload.js";
import { interruptible } from "./interrupt.js";
import { showExperiment, showModel } from "./observe.js";
import type { OutputFlags } from "./options/output.js";
import { startProgress } from "./progress.js";

export type ModelProgress = NonNullable<ResolveOptions["onProgress"]>;

/** Rounds that are counted beforehand, and tested once at the end. */
export function fixedDesign(workload: WorkloadSettings, precision = DEFAULT_PRECISION): ResultsDesign {
  return { looks: [], precision, figure: isOpenLoop(workload) ? "meanLatency" : "tokensPerSec" };
}
/** The results are there, and not good enough. */
const EXIT_NOT_MET = 1;

/** In an open loop nothing says how many are under way at once. */
const DEFAULT_WARMUP_REQUESTS = 8;

/** An experiment before there is a session to run it in. */
export type ExperimentPlan = Omit<Experiment, "runnerOf" | "signal" | "done" | "warmupRequests"> & {
  /** Undefined: as many as are under way at once in real time, none in virtual time. */
  readonly warmupRequests: number | undefined;
};

export interface RecordedCommand {
  readonly record: CommandRecord;
  readonly plan: ExperimentPlan;
  open(onProgress: ModelProgress, signal: AbortSignal): Promise<Session>;
  readonly output: OutputFlags;
  /** Written beside the files that every command has. */
  readonly extraFiles: ExtraFiles;
}

export interface CommandOutcome {
  readonly results: Results;
  /** The results folder. */
  readonly path: string;
}

/**
 * Runs an experiment and writes its folder. What fails before anything was measured leaves no folder behind.
 *
 * @returns undefined when it was interrupted before anything was measured
 */
export async function runCommand(command: RecordedCommand): Promise<CommandOutcome | undefined> {
  const { record, output } = command;
  const startedAt = new Date();
  const opened = openResults(record, { outputDir: output.outputDir, resume: output.resume }, startedAt);
  const results = await runOrRemove(command, opened, startedAt);
  if (results === undefined) {
    process.stderr.write(`sluice: interrupted before anything was measured; ${opened.folder.path} is gone again\n`);
    return undefined;
  }
  // Loaded here: the chart library takes its time, and other commands do not need it.
  const { writeReport } = await import("../report/report.js");
  await writeReport(opened.folder.path, results);
  return { results, path: opened.folder.path };
}

/** Prints what a command ends with: its table, those per class, what the data show, and where the results are. */
export function showOutcome(table: string, { results, path }: CommandOutcome): void {
  const tables = [table, classTables(results)].filter((text) => text !== "");
  console.log([...tables, ...findingLines(results), `results: ${path}`].join("\n"));
}

/** Said at once: a busy machine makes every run longer and every verdict harder. */
function busyNote(): string {
  const [load1] = loadavg() as [number];
  const cores = availableParallelism();
  if (load1 < cores) return "";
  return `sluice: this machine is busy (load ${load1.toFixed(1)} on ${cores} cores): runs take longer and differ more\n`;
}

/**
 * Holds results to what was asked of them: exit code 1 where they do not meet it.
 *
 * @returns a line to show for each demand
 */
export function holdTo(demands: Demands, { results }: CommandOutcome): readonly string[] {
  const { passed, lines } = judge(results, demands);
  // An interrupted command has its own exit code.
  if (!passed) process.exitCode ||= EXIT_NOT_MET;
  return lines;
}

async function runOrRemove(
  command: RecordedCommand,
  opened: OpenedResults,
  startedAt: Date,
): Promise<Results | undefined> {
  try {
    return await interruptible((signal) => runOpened(command, opened, startedAt, signal));
  } catch (error) {
    opened.folder.removeUnlessMeasured();
    throw error;
  }
}

async function runOpened(
  command: RecordedCommand,
  opened: OpenedResults,
  startedAt: Date,
  signal: AbortSignal,
): Promise<Results | undefined> {
  const { record, plan, output, extraFiles } = command;
  const quiet = output.quiet ?? false;
  const model = showModel(quiet);
  const session = await command.open(model.onProgress, signal).finally(model.stop);
  try {
    if (!quiet) console.log(`${session.description}\nresults go to ${opened.folder.path}\n`);
    if (!quiet && session.warmsUp) process.stderr.write(busyNote());
    const clients = Math.max(...plan.loads.map((load) => load.maxConcurrent));
    const atOnce = Number.isFinite(clients) ? clients : DEFAULT_WARMUP_REQUESTS;
    const experiment: Experiment = {
      ...plan,
      warmupRequests: plan.warmupRequests ?? (session.warmsUp ? atOnce : 0),
      runnerOf: (variant) => session.runnerOf(variant),
      signal,
      done: opened.done,
    };
    const progress = startProgress("requests", quiet);
    const recorded = { record, opened, model: session.model, startedAt, extraFiles };
    return await runRecorded(experiment, showExperiment(progress, experiment), recorded).finally(() => progress.stop());
  } finally {
    await session.close();
  }
}
