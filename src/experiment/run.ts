/** Runs an experiment and measures each run. */
import { setMaxListeners } from "node:events";
import { hash32 } from "../random.js";
import { type KeepLimits, RunRecorder } from "../results/recorder.js";
import { isOverSaturated } from "../results/saturation.js";
import type { RunResult } from "../results/schema.js";
import { isOpenLoop, planWorkload } from "../workload/workload.js";
import type { Experiment, ExperimentObserver, PlannedLoad, RunPlace } from "./experiment.js";
import { MachineWatch } from "./machine.js";
import { Rounds } from "./rounds.js";
import { warmUp } from "./warm-up.js";

/** Requests that a results file holds at most, over all its runs, and of one run; the figures count all. */
const KEPT_REQUESTS = 200_000;
const KEPT_REQUESTS_PER_RUN = 20_000;
/** Characters of their prompts and outputs. */
const KEPT_CHARACTERS = 100_000_000;

/**
 * The runs of an experiment, in the order in which they were made: in each round every variant in turn, so that the
 * machine's noise falls on all alike; who begins changes from round to round. Every variant gets the same requests in the
 * same round.
 *
 * An interrupted run counts only when its variant has no complete one and some of its requests ended well.
 */
export async function runExperiment(experiment: Experiment, observer: ExperimentObserver): Promise<RunResult[]> {
  const { signal, done } = experiment;
  const runs = [...done];
  const { stopping } = experiment;
  const endMs = stopping.kind === "rounds" ? Number.POSITIVE_INFINITY : performance.now() + stopping.maxMs;
  const warmUps = await warmUp(experiment, observer);
  if (signal.aborted) return runs;
  const rounds = new Rounds(experiment, warmUps, endMs);
  observer.planned(rounds.loads);
  for (const place of rounds.places(runs)) {
    if (place.kind === "end") {
      observer.roundEnded(place.end);
      continue;
    }
    const { run, load } = place;
    if (done.some((other) => isSame(other, run))) continue;
    observer.runBegins(run);
    const time = new TimeLimit(endMs, signal);
    const result = await measure({ ...experiment, signal: time.signal }, run, load, observer);
    time.clear();
    const only = !runs.some(({ label, load }) => label === run.label && load === run.load);
    const kept = !time.signal.aborted || (only && result.summary.ok > 0);
    if (kept) runs.push(result);
    observer.runEnded(result, kept);
    if (time.signal.aborted) break;
  }
  return runs;
}

/** Ends a run that is under way when the time is up: on a busy machine one run can take as long as a whole bench. */
class TimeLimit {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;

  constructor(endMs: number, interrupted: AbortSignal) {
    this.signal = AbortSignal.any([interrupted, this.#controller.signal]);
    setMaxListeners(0, this.signal); // every request under way listens
    if (endMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(0, endMs - performance.now()));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

function isSame(a: RunResult, b: RunPlace): boolean {
  return a.label === b.label && a.load === b.load && a.requestSize === b.requestSize && a.run === b.run;
}

async function measure(
  experiment: Experiment,
  place: RunPlace,
  load: PlannedLoad,
  observer: ExperimentObserver,
): Promise<RunResult> {
  const { variant } = place;
  const runner = experiment.runnerOf(variant);
  const startedAtMs = Date.now();
  const { sampling, signal, objectives } = experiment;
  const { maxConcurrent, workload } = variant.load ?? load;
  const seed = hash32(experiment.seed, place.run);
  const recorder = new RunRecorder(keepLimits(experiment), objectives);
  const machine = runner.clock === "real" ? new MachineWatch() : undefined;
  const output = await runner.run(variant, planWorkload(workload, load.size, seed), {
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
  const kept = recorder.kept();
  return {
    label: variant.label,
    policy: variant.policy,
    policyOptions: { ...variant.settings?.policyOptions },
    order: variant.settings?.order ?? "",
    axes: { ...variant.axes },
    baseline: variant.baseline,
    maxSequences: variant.maxSequences || null,
    load: place.load,
    requestSize: place.requestSize,
    run: place.run,
    target: runner.target,
    clock: runner.clock,
    startedAtMs,
    workers: variant.workers ?? null,
    cpuPercent: output.cpuPercent ?? null,
    machine: machine?.end() ?? null,
    summary: {
      ...recorder.summary(output.counters),
      overSaturated: isOpenLoop(workload) && isOverSaturated(kept.requests),
    },
    batchSizes: [...(output.counters?.batchSizes ?? [])],
    counters: output.counters,
    host: output.host,
    ...kept,
  };
}

function keepLimits({ variants, loads, stopping, design }: Experiment): KeepLimits {
  const rounds = stopping.kind === "rounds" ? stopping.rounds : Math.max(...design.looks);
  const runs = variants.length * loads.length * rounds;
  return {
    requests: Math.min(KEPT_REQUESTS_PER_RUN, Math.ceil(KEPT_REQUESTS / runs)),
    characters: Math.ceil(KEPT_CHARACTERS / runs),
  };
}
