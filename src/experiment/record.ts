/** Runs an experiment into a results folder: every run as soon as it is measured, whole files at the end. */
import { summariesCsv } from "../results/csv.js";
import { DetailsFile } from "../results/details-file.js";
import { ResultsFolder } from "../results/folder.js";
import type { JournalHeader } from "../results/journal.js";
import { makeManifest } from "../results/manifest.js";
import {
  type Axis,
  type Manifest,
  type Results,
  type ResultsDesign,
  type RunResult,
  resultsText,
  SCHEMA_VERSION,
} from "../results/schema.js";
import type { Experiment, ExperimentObserver } from "./experiment.js";
import { runExperiment } from "./run.js";

export interface CommandRecord {
  readonly command: string;
  readonly commandLine: readonly string[];
  /** Plain data: what a results file shows as the settings of its command. */
  readonly settings: Results["settings"];
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
  return { folder: ResultsFolder.create(outputDir, record.command, now), done: [] };
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
 * @throws SluiceError `results_invalid` when the folder cannot be written any more
 */
export async function runRecorded(
  experiment: Experiment,
  observer: ExperimentObserver,
  recorded: RecordedRun,
): Promise<Results | undefined> {
  const { folder, done } = recorded.opened;
  folder.beginJournal(journalHeader(recorded, experiment.design), done);
  const details = new DetailsFile(folder, done);
  const runs = await runExperiment(experiment, {
    tokens: (count) => observer.tokens(count),
    warmingUp: (variant) => observer.warmingUp(variant),
    planned: (loads) => observer.planned(loads),
    roundEnded: (round) => observer.roundEnded(round),
    runBegins: (place) => observer.runBegins(place),
    ended: (record, place) => {
      details.add(record, place);
      observer.ended(record, place);
    },
    runEnded: (result, kept) => {
      details.endRun(kept);
      if (kept && !experiment.signal.aborted) folder.journal(result);
      observer.runEnded(result, kept);
    },
  });
  const { aborted } = experiment.signal;
  if (!runs.some((run) => run.summary.requests > 0)) {
    folder.remove();
    return undefined;
  }
  const results = resultsOf(runs, recorded, experiment.design, aborted);
  details.finish(runs);
  writeFiles(results, recorded);
  if (!aborted) folder.endJournal();
  return results;
}

function journalHeader(recorded: RecordedRun, design: ResultsDesign): JournalHeader {
  const { runs: _, ...head } = resultsOf([], recorded, design, true);
  return { command: recorded.record.command, ...head };
}

function resultsOf(
  runs: readonly RunResult[],
  { record, model, startedAt }: RecordedRun,
  design: ResultsDesign,
  interrupted: boolean,
): Results {
  const { command, commandLine, seed, settings, axes } = record;
  const manifest = makeManifest({ command, commandLine, seed, model, startedAt, endedAt: new Date(), interrupted });
  return { schemaVersion: SCHEMA_VERSION, manifest, settings, axes: [...axes], design, runs: [...runs] };
}

function writeFiles(results: Results, { opened, extraFiles }: RecordedRun): void {
  const { folder } = opened;
  const { manifest, settings, runs } = results;
  folder.write("results.json", resultsText(results));
  folder.write("manifest.json", `${JSON.stringify({ ...manifest, settings }, null, 2)}\n`);
  folder.write("benchmark_summaries.csv", summariesCsv(runs));
  for (const [name, content] of Object.entries(extraFiles(results))) folder.write(name, content);
}
