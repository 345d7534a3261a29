/** Runs setups × sizes × repeats, interleaved, and measures each. `bench`, `sweep` and `loadtest` are three ways to fill it in. */
import { hash32 } from "../random.js";
import { summarize } from "../results/measure.js";
import type { RunResult } from "../results/schema.js";
import type { Objective } from "../results/slo.js";
import type { LoadObserver } from "../targets/drive.js";
import type { Sampling } from "../targets/target.js";
import { type PlannedRequest, planRequests, type WorkloadSettings } from "../workload/plan.js";
import type { Runner, RunOutput } from "./runner.js";
import type { SchedulerSetup, SetupLoad } from "./variant.js";

export interface Experiment {
  readonly setups: readonly SchedulerSetup[];
  runnerOf(setup: SchedulerSetup): Runner;
  /** Requests per run. */
  readonly sizes: readonly number[];
  readonly repeats: number;
  readonly maxConcurrent: number;
  readonly workload: WorkloadSettings;
  readonly sampling: Sampling;
  readonly seed: number;
  /** Requests sent through each setup before anything is measured; 0: none. */
  readonly warmupRequests: number;
  readonly objectives: readonly Objective[];
  readonly signal: AbortSignal;
  /** Runs that an interrupted command has already measured. */
  readonly done: readonly RunResult[];
}

/** Told as the experiment goes on. */
export interface ExperimentObserver extends LoadObserver {
  warmingUp(setup: SchedulerSetup): void;
  runBegins(setup: SchedulerSetup, size: number, run: number): void;
  /** A run was measured to its end. */
  runEnded(result: RunResult): void;
}

/** Short: a warm-up touches every code path and every page of the model, it need not be long. */
const WARMUP_TOKENS = 8;

/**
 * The runs of an experiment, in the order in which they were made: for each size and repeat every setup in turn, so that
 * the machine's noise falls on all alike. Every setup gets the same requests in the same repeat.
 *
 * An interrupted run counts only when its setup has no complete one and some of its requests ended well.
 */
export async function runExperiment(experiment: Experiment, observer: ExperimentObserver): Promise<RunResult[]> {
  const runs = [...experiment.done];
  await warmUp(experiment, observer);
  for (const size of experiment.sizes) {
    for (let run = 1; run <= experiment.repeats; run++) {
      const seed = hash32(experiment.seed, run);
      for (const setup of experiment.setups) {
        if (experiment.signal.aborted) return runs;
        if (isDone(experiment.done, setup, size, run)) continue;
        const plan = planRequests(loadOf(experiment, setup).workload, size, seed);
        observer.runBegins(setup, size, run);
        const result = await measure(experiment, setup, plan, { size, run, seed }, observer);
        const complete = !experiment.signal.aborted;
        const only = !runs.some((other) => other.label === setup.label && other.requestSize === size);
        if (complete || (only && result.summary.ok > 0)) runs.push(result);
        if (complete) observer.runEnded(result);
      }
    }
  }
  return runs;
}

function loadOf({ maxConcurrent, workload }: Experiment, { load }: SchedulerSetup): SetupLoad {
  return load ?? { maxConcurrent, workload };
}

function isDone(done: readonly RunResult[], setup: SchedulerSetup, size: number, run: number): boolean {
  return done.some((other) => other.label === setup.label && other.requestSize === size && other.run === run);
}

async function warmUp(experiment: Experiment, observer: ExperimentObserver): Promise<void> {
  const { workload, warmupRequests, maxConcurrent, sampling, seed, signal } = experiment;
  if (warmupRequests === 0) return;
  const closedLoop = { ...workload, arrivals: undefined, trace: undefined, outputLengths: undefined };
  const plan = planRequests(closedLoop, warmupRequests, seed).map((request) => ({
    ...request,
    maxTokens: WARMUP_TOKENS,
  }));
  for (const setup of differentlySet(experiment.setups)) {
    if (signal.aborted) return;
    observer.warmingUp(setup);
    const concurrent = Math.min(maxConcurrent, warmupRequests);
    await experiment.runnerOf(setup).run(setup, plan, { maxConcurrent: concurrent, sampling, seed, signal });
  }
}

/** One of each: setups that differ only in their load are warmed up together. */
function differentlySet(setups: readonly SchedulerSetup[]): SchedulerSetup[] {
  return [...new Map(setups.map((setup) => [JSON.stringify([setup.policy, setup.settings]), setup])).values()];
}

async function measure(
  experiment: Experiment,
  setup: SchedulerSetup,
  plan: readonly PlannedRequest[],
  place: { readonly size: number; readonly run: number; readonly seed: number },
  observer: LoadObserver,
): Promise<RunResult> {
  const runner = experiment.runnerOf(setup);
  const startedAtMs = Date.now();
  const { sampling, signal } = experiment;
  const { maxConcurrent } = loadOf(experiment, setup);
  const output = await runner.run(setup, plan, { maxConcurrent, sampling, signal, seed: place.seed, observer });
  return {
    label: setup.label,
    policy: setup.policy,
    policyOptions: { ...setup.settings?.policyOptions },
    order: setup.settings?.order ?? "",
    axes: { ...setup.axes },
    baseline: setup.baseline,
    requestSize: place.size,
    run: place.run,
    target: runner.target,
    clock: runner.clock,
    startedAtMs,
    workers: setup.workers ?? null,
    cpuPercent: output.cpuPercent ?? null,
    ...measured(output, experiment.objectives),
  };
}

function measured(
  { records, counters, host }: RunOutput,
  objectives: readonly Objective[],
): Pick<RunResult, "summary" | "batchSizes" | "counters" | "host" | "requests"> {
  return {
    summary: summarize(records, { counters, objectives }),
    batchSizes: [...(counters?.batchSizes ?? [])],
    counters,
    host,
    requests: [...records],
  };
}
