/** What `bench`, `sweep` and `loadtest` have in common: folder first, then the model, then the runs, then the files. */
import type { Experiment } from "../bench/experiment.js";
import type { Results } from "../bench/results.js";
import { type CommandRecord, openResults, runRecorded } from "../bench/run.js";
import type { Runner } from "../bench/runner.js";
import { openSession, type Session, type SessionSettings } from "../bench/session.js";
import type { SchedulerSetup } from "../bench/setup.js";
import { reportFiles } from "../report/files.js";
import { interruptible } from "./interrupt.js";
import { showExperiment, showModel } from "./observe.js";
import type { OutputFlags } from "./options/output.js";
import { startProgress } from "./progress.js";

/** An experiment before there is a session to run it in. */
export type ExperimentPlan = Omit<Experiment, "runnerOf" | "signal" | "done" | "warmupRequests"> & {
  /** Undefined: as many as are under way at once in real time, none in virtual time. */
  readonly warmupRequests: number | undefined;
};

export interface RecordedCommand {
  readonly record: CommandRecord;
  readonly plan: ExperimentPlan;
  readonly session: SessionSettings;
  /** Where a setup runs that needs no model of ours; undefined: in the session. */
  remoteRunner?(setup: SchedulerSetup): Runner | undefined;
  readonly output: OutputFlags;
}

/**
 * Runs an experiment and writes its folder.
 *
 * @returns results and folder; undefined when it was interrupted before anything was measured
 */
export async function runCommand(command: RecordedCommand): Promise<{ results: Results; path: string } | undefined> {
  const { record, output } = command;
  const quiet = output.quiet ?? false;
  const startedAt = new Date();
  const opened = openResults(record, { outputDir: output.outputDir, resume: output.resume }, startedAt);
  try {
    const session = await openWithProgress(command, quiet);
    if (!quiet) console.log(`${session.description}\nresults go to ${opened.folder.path}\n`);
    try {
      const results = await interruptible((signal) => {
        const experiment = experimentOf(command, session, signal, opened.done);
        const progress = startProgress(requestsOf(experiment), "requests", quiet);
        const recorded = { record, opened, model: session.model, startedAt, extraFiles: reportFiles };
        return runRecorded(experiment, showExperiment(progress, experiment.repeats), recorded).finally(progress.stop);
      });
      return results && { results, path: opened.folder.path };
    } finally {
      await session.close();
    }
  } catch (error) {
    if (opened.done.length === 0) opened.folder.removeUnlessMeasured();
    throw error;
  }
}

async function openWithProgress({ session, plan }: RecordedCommand, quiet: boolean): Promise<Session> {
  const model = showModel(quiet);
  try {
    return await openSession(session, plan.setups, model.onProgress);
  } finally {
    model.stop();
  }
}

function experimentOf(
  { plan, remoteRunner }: RecordedCommand,
  session: Session,
  signal: AbortSignal,
  done: Experiment["done"],
): Experiment {
  const atOnce = Number.isFinite(plan.maxConcurrent) ? plan.maxConcurrent : 8;
  return {
    ...plan,
    warmupRequests: plan.warmupRequests ?? (session.runner.clock === "virtual" ? 0 : atOnce),
    runnerOf: (setup) => remoteRunner?.(setup) ?? session.runner,
    signal,
    done,
  };
}

function requestsOf({ setups, sizes, repeats, done }: Experiment): number {
  const all = setups.length * repeats * sizes.reduce((sum, size) => sum + size, 0);
  return all - done.reduce((sum, run) => sum + run.requestSize, 0);
}
