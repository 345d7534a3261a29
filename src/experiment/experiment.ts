/** Runs variants × sizes × repeats, interleaved, and measures each. `bench`, `sweep` and `loadtest` are three ways to fill it in. */
import { hash32 } from "../random.js";
import { type KeepLimits, RunRecorder } from "../results/recorder.js";
import type { RequestRecord, RunResult } from "../results/schema.js";
import type { Objective } from "../results/slo.js";
import { SILENT } from "../targets/drive.js";
import type { Sampling } from "../targets/target.js";
import { type Plan, planWorkload, type WorkloadSettings } from "../workload/workload.js";
import type { Runner } from "./runner.js";
import type { Variant, VariantLoad } from "./variant.js";

export interface Experiment {
  readonly variants: readonly Variant[];
  runnerOf(variant: Variant): Runner;
  /** Requests per run. */
  readonly sizes: readonly number[];
  readonly repeats: number;
  readonly maxConcurrent: number;
  readonly workload: WorkloadSettings;
  readonly sampling: Sampling;
  readonly seed: number;
  /** Requests sent through each variant before anything is measured; 0: none. */
  readonly warmupRequests: number;
  readonly objectives: readonly Objective[];
  readonly signal: AbortSignal;
  /** Runs that an interrupted command has already measured. */
  readonly done: readonly RunResult[];
}

/** Which run it is. */
export interface RunPlace {
  readonly variant: Variant;
  readonly label: string;
  readonly requestSize: number;
  /** Repeat, from 1. */
  readonly run: number;
}

/** Told as the experiment goes on. */
export interface ExperimentObserver {
  warmingUp(variant: Variant): void;
  runBegins(place: RunPlace): void;
  tokens(count: number): void;
  /** A request ended, well or badly. */
  ended(record: RequestRecord, place: RunPlace): void;
  /** @param kept false: it was interrupted, and counts for nothing */
  runEnded(result: RunResult, kept: boolean): void;
}

/** Short: a warm-up touches every code path and every page of the model, it need not be long. */
const WARMUP_TOKENS = 8;

/** Requests that a results file holds at most, over all its runs, and of one run; the figures count all. */
const KEPT_REQUESTS = 200_000;
const KEPT_REQUESTS_PER_RUN = 20_000;
/** Characters of their prompts and outputs. */
const KEPT_CHARACTERS = 100_000_000;

/**
 * The runs of an experiment, in the order in which they were made: for each size and repeat every variant in turn, so that
 * the machine's noise falls on all alike. Every variant gets the same requests in the same repeat.
 *
 * An interrupted run counts only when its variant has no complete one and some of its requests ended well.
 */
export async function runExperiment(experiment: Experiment, observer: ExperimentObserver): Promise<RunResult[]> {
  const runs = [...experiment.done];
  await warmUp(experiment, observer);
  for (const size of experiment.sizes) {
    for (let run = 1; run <= experiment.repeats; run++) {
      for (const variant of experiment.variants) {
        if (experiment.signal.aborted) return runs;
        if (isDone(experiment.done, variant, size, run)) continue;
        const place = { variant, label: variant.label, requestSize: size, run };
        observer.runBegins(place);
        const result = await measure(experiment, place, observer);
        const only = !runs.some((other) => other.label === variant.label && other.requestSize === size);
        const kept = !experiment.signal.aborted || (only && result.summary.ok > 0);
        if (kept) runs.push(result);
        observer.runEnded(result, kept);
      }
    }
  }
  return runs;
}

function loadOf({ maxConcurrent, workload }: Experiment, { load }: Variant): VariantLoad {
  return load ?? { maxConcurrent, workload };
}

function isDone(done: readonly RunResult[], variant: Variant, size: number, run: number): boolean {
  return done.some((other) => other.label === variant.label && other.requestSize === size && other.run === run);
}

async function warmUp(experiment: Experiment, observer: ExperimentObserver): Promise<void> {
  const { workload, warmupRequests, maxConcurrent, sampling, seed, signal } = experiment;
  if (warmupRequests === 0) return;
  const closedLoop = { ...workload, arrivals: undefined, trace: undefined, outputLengths: undefined };
  const requests = [...planWorkload(closedLoop, warmupRequests, seed)];
  const plan: Plan = requests.map((request) => ({ ...request, maxTokens: WARMUP_TOKENS }));
  for (const variant of differentlySet(experiment.variants)) {
    if (signal.aborted) return;
    observer.warmingUp(variant);
    const concurrent = Math.min(maxConcurrent, warmupRequests);
    const conditions = { maxConcurrent: concurrent, sampling, seed, signal, observer: SILENT };
    await experiment.runnerOf(variant).run(variant, plan, conditions);
  }
}

/** One of each: variants that differ only in their load are warmed up together. */
function differentlySet(variants: readonly Variant[]): Variant[] {
  return [
    ...new Map(variants.map((variant) => [JSON.stringify([variant.policy, variant.settings]), variant])).values(),
  ];
}

async function measure(experiment: Experiment, place: RunPlace, observer: ExperimentObserver): Promise<RunResult> {
  const { variant, requestSize, run } = place;
  const runner = experiment.runnerOf(variant);
  const startedAtMs = Date.now();
  const { sampling, signal } = experiment;
  const { maxConcurrent, workload } = loadOf(experiment, variant);
  const seed = hash32(experiment.seed, run);
  const recorder = new RunRecorder(keepLimits(experiment), experiment.objectives);
  const output = await runner.run(variant, planWorkload(workload, requestSize, seed), {
    maxConcurrent,
    sampling,
    signal,
    seed,
    observer: {
      tokens: (count) => observer.tokens(count),
      ended: (record) => {
        recorder.add(record);
        observer.ended(record, place);
      },
    },
  });
  return {
    label: variant.label,
    policy: variant.policy,
    policyOptions: { ...variant.settings?.policyOptions },
    order: variant.settings?.order ?? "",
    axes: { ...variant.axes },
    baseline: variant.baseline,
    requestSize,
    run,
    target: runner.target,
    clock: runner.clock,
    startedAtMs,
    workers: variant.workers ?? null,
    cpuPercent: output.cpuPercent ?? null,
    summary: recorder.summary(output.counters),
    batchSizes: [...(output.counters?.batchSizes ?? [])],
    counters: output.counters,
    host: output.host,
    ...recorder.kept(),
  };
}

function keepLimits({ variants, sizes, repeats }: Experiment): KeepLimits {
  const runs = variants.length * sizes.length * repeats;
  return {
    requests: Math.min(KEPT_REQUESTS_PER_RUN, Math.ceil(KEPT_REQUESTS / runs)),
    characters: Math.ceil(KEPT_CHARACTERS / runs),
  };
}
