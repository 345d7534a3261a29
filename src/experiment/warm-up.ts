/** Runs that are not measured: they touch every code path and every page of the model, and tell how fast each variant is. */
import { planWorkload } from "../workload/workload.js";
import type { Experiment, ExperimentObserver } from "./experiment.js";
import type { Variant } from "./variant.js";

/** Short: a warm-up need not be long. */
const WARMUP_TOKENS = 8;
/** Of the time that a bench has. */
const WARMUP_SHARE = 0.2;
/** One sequence at a time is warm after a few. */
const UNBATCHED_WARMUP = 3;

/** Tokens per second of each variant, roughly; empty without a warm-up. */
export type WarmUps = ReadonlyMap<Variant, number>;

export async function warmUp(experiment: Experiment, observer: ExperimentObserver): Promise<WarmUps> {
  const { loads, warmupRequests, variants, sampling, seed, signal, stopping } = experiment;
  // A busy machine must not spend the time for rounds on warm-ups.
  const endMs =
    performance.now() + (stopping.kind === "decided" ? WARMUP_SHARE * stopping.maxMs : Number.POSITIVE_INFINITY);
  const rates = new Map<string, number>();
  const load = loads[0];
  if (warmupRequests === 0 || load === undefined) return new Map();
  const closedLoop = { ...load.workload, arrivals: undefined, trace: undefined, outputLengths: undefined };
  const requests = [...planWorkload(closedLoop, warmupRequests, seed)];
  const plan = requests.map((request) => ({ ...request, maxTokens: WARMUP_TOKENS }));
  const maxConcurrent = Math.min(load.maxConcurrent, warmupRequests);
  for (const variant of variants) {
    // Variants that differ in nothing but their load are warmed up together.
    if (signal.aborted || performance.now() > endMs || rates.has(keyOf(variant))) continue;
    observer.warmingUp(variant);
    let tokens = 0;
    const count = (more: number): void => {
      tokens += more;
    };
    const beganMs = performance.now();
    const conditions = { maxConcurrent, sampling, seed, signal, observer: { tokens: count, ended() {} } };
    await experiment
      .runnerOf(variant)
      .run(variant, variant.maxSequences === 1 ? plan.slice(0, UNBATCHED_WARMUP) : plan, conditions);
    rates.set(keyOf(variant), (1000 * tokens) / Math.max(1, performance.now() - beganMs));
  }
  return new Map(variants.map((variant) => [variant, rates.get(keyOf(variant)) ?? 0]));
}

function keyOf({ policy, settings }: Variant): string {
  return JSON.stringify([policy, settings]);
}
