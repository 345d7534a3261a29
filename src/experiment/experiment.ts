/** Runs variants × sizes × repeats, interleaved, and measures each. `bench`, `sweep` and `loadtest` are three ways to fill it in. */
import { hash32 } from "../random.js";
import { summarize } from "../results/measure.js";
import type { RunResult } from "../results/schema.js";
import type { Objective } from "../results/slo.js";
import type { LoadObserver } from "../targets/drive.js";
import type { Sampling } from "../targets/target.js";
import { type PlannedRequest, planWorkload, type WorkloadSettings } from "../workload/workload.js";
import type { Runner, RunOutput } from "./runner.js";
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

/** Told as the experiment goes on. */
export interface ExperimentObserver extends LoadObserver {
  warmingUp(variant: Variant): void;
  runBegins(variant: Variant, size: number, run: number): void;
  /** A run was measured to its end. */
  runEnded(result: RunResult): void;
}

/** Short: a warm-up touches every code path and every page of the model, it need not be long. */
const WARMUP_TOKENS = 8;

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
      const seed = hash32(experiment.seed, run);
      for (const variant of experiment.variants) {
        if (experiment.signal.aborted) return runs;
        if (isDone(experiment.done, variant, size, run)) continue;
        const plan = planWorkload(loadOf(experiment, variant).workload, size, seed);
        observer.runBegins(variant, size, run);
        const result = await measure(experiment, variant, plan, { size, run, seed }, observer);
        const complete = !experiment.signal.aborted;
        const only = !runs.some((other) => other.label === variant.label && other.requestSize === size);
        if (complete || (only && result.summary.ok > 0)) runs.push(result);
        if (complete) observer.runEnded(result);
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
  const plan = planWorkload(closedLoop, warmupRequests, seed).map((request) => ({
    ...request,
    maxTokens: WARMUP_TOKENS,
  }));
  for (const variant of differentlySet(experiment.variants)) {
    if (signal.aborted) return;
    observer.warmingUp(variant);
    const concurrent = Math.min(maxConcurrent, warmupRequests);
    await experiment.runnerOf(variant).run(variant, plan, { maxConcurrent: concurrent, sampling, seed, signal });
  }
}

/** One of each: variants that differ only in their load are warmed up together. */
function differentlySet(variants: readonly Variant[]): Variant[] {
  return [
    ...new Map(variants.map((variant) => [JSON.stringify([variant.policy, variant.settings]), variant])).values(),
  ];
}

async function measure(
  experiment: Experiment,
  variant: Variant,
  plan: readonly PlannedRequest[],
  place: { readonly size: number; readonly run: number; readonly seed: number },
  observer: LoadObserver,
): Promise<RunResult> {
  const runner = experiment.runnerOf(variant);
  const startedAtMs = Date.now();
  const { sampling, signal } = experiment;
  const { maxConcurrent } = loadOf(experiment, variant);
  const output = await runner.run(variant, plan, { maxConcurrent, sampling, signal, seed: place.seed, observer });
  return {
    label: variant.label,
    policy: variant.policy,
    policyOptions: { ...variant.settings?.policyOptions },
    order: variant.settings?.order ?? "",
    axes: { ...variant.axes },
    baseline: variant.baseline,
    requestSize: place.size,
    run: place.run,
    target: runner.target,
    clock: runner.clock,
    startedAtMs,
    workers: variant.workers ?? null,
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
