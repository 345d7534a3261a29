/** Runs an experiment into a results folder: journal while it goes on, whole files at its end. */
import type { z } from "zod";
import { detailsCsv, summariesCsv } from "../results/csv.js";
import { ResultsFolder } from "../results/folder.js";
import { makeManifest } from "../results/manifest.js";
import {
  type Axis,
  formatResults,
  type Manifest,
  type Results,
  type RunResult,
  type resultsSchema,
} from "../results/schema.js";
import { type Experiment, type ExperimentObserver, runExperiment } from "./experiment.js";

/** Plain data: what a results file shows as the settings of its command. */
export type ShownSettings = z.infer<typeof resultsSchema>["settings"];

export interface CommandRecord {
  readonly command: string;
  readonly commandLine: readonly string[];
  readonly settings: ShownSettings;
  readonly axes: readonly Axis[];
  readonly seed: number;
}

/** Where results go: a new folder, or that of an interrupted command. */
export interface Destination {
  readonly outputDir: string | undefined;
  readonly resume: string | undefined;
}

/** A results folder, and the runs that are there already when an interrupted command goes on. */
export interface OpenedResults {
  readonly folder: ResultsFolder;
  readonly done: readonly RunResult[];
}

/**
 * Makes the folder before anything runs, so that a folder that exists or cannot be written costs nobody their time.
 *
 * @throws SluiceError `results_invalid`
 */
export function openResults(record: CommandRecord, { outputDir, resume }: Destination, now: Date): OpenedResults {
  if (resume !== undefined) return ResultsFolder.resume(resume, record.command, record.settings);
  const folder = ResultsFolder.create(outputDir, record.command, now);
  folder.beginJournal(record.command, record.settings);
  return { folder, done: [] };
}

/** What writes reports and tables into the folder, beside the files that every command has. */
export type ExtraFiles = (results: Results) => Readonly<Record<string, string>>;

export interface RecordedRun {
  readonly record: CommandRecord;
  readonly opened: OpenedResults;
  readonly model: Manifest["model"];
  readonly startedAt: Date;
  readonly extraFiles: ExtraFiles;
}

/**
 * Runs the experiment and writes its files. Interrupted before the first request ended, it leaves no folder behind.
 *
 * @returns the results; undefined when nothing was measured
 */
export async function runRecorded(
  experiment: Experiment,
  observer: ExperimentObserver,
  { record, opened, model, startedAt, extraFiles }: RecordedRun,
): Promise<Results | undefined> {
  const { folder } = opened;
  const runs = await runExperiment(experiment, {
    ...bound(observer),
    runEnded: (result) => {
      folder.journal(result);
      observer.runEnded(result);
    },
  });
  return writeRuns(runs, { record, opened, model, startedAt, extraFiles }, experiment.signal.aborted);
}

/** Writes the files of runs that were measured, however they were. */
export function writeRuns(
  runs: readonly RunResult[],
  { record, opened, model, startedAt, extraFiles }: RecordedRun,
  interrupted: boolean,
): Results | undefined {
  const { folder } = opened;
  if (!runs.some((run) => run.requests.length > 0)) {
    folder.remove();
    return undefined;
  }
  const { command, commandLine, seed, settings, axes } = record;
  const endedAt = new Date();
  const manifest = makeManifest({ command, commandLine, seed, model, startedAt, endedAt, interrupted });
  const results: Results = { schemaVersion: 1, manifest, settings, axes: [...axes], runs: [...runs] };
  folder.write("results.json", formatResults(results));
  folder.write("manifest.json", `${JSON.stringify({ ...manifest, settings }, null, 2)}\n`);
  folder.write("benchmark_summaries.csv", summariesCsv(runs));
  folder.write("benchmark_detailed_metrics.csv", detailsCsv(runs));
  for (const [name, content] of Object.entries(extraFiles(results))) folder.write(name, content);
  if (!interrupted) folder.endJournal();
  return results;
}

/** Methods keep their object when they are spread. */
function bound(observer: ExperimentObserver): ExperimentObserver {
  return {
    tokens: (count) => observer.tokens(count),
    ended: (record) => observer.ended(record),
    warmingUp: (variant) => observer.warmingUp(variant),
    runBegins: (variant, size, run) => observer.runBegins(variant, size, run),
    runEnded: (result) => observer.runEnded(result),
  };
}
