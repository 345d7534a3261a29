/** Who runs when: every variant once a round, in an order that turns, until there have been enough rounds. */
import { scoresOf } from "../results/contest.js";
import type { RunResult } from "../results/schema.js";
import { goOn } from "../results/verdict.js";
import { planWorkload } from "../workload/workload.js";
import type { Experiment, Load, PlannedLoad, RoundEnd, RunPlace } from "./experiment.js";
import type { Variant } from "./variant.js";
import type { WarmUps } from "./warm-up.js";

/** A block is long enough for batches to form and dissolve, and for the clock: */
const BLOCK_REQUESTS_PER_CLIENT = 3;
const BLOCK_MS = 2_000;
/** In an open loop nothing says how many clients there are. */
const OPEN_LOOP_CLIENTS = 8;
/** An un-batched variant runs many times as long as the others for the same requests, and tells as much with fewer. */
const UNBATCHED_SHARE = 1 / 3;
/** Requests whose mean length stands for a load's. */
const LENGTH_SAMPLE = 200;

export type Turn =
  | { readonly kind: "run"; readonly run: RunPlace; readonly load: PlannedLoad }
  | { readonly kind: "end"; readonly end: RoundEnd };

export class Rounds {
  /** Every load with its number of requests. */
  readonly loads: readonly PlannedLoad[];

  /** @param endMs when the time is up, by `performance.now()` */
  constructor(
    private readonly experiment: Experiment,
    warmUps: WarmUps,
    private readonly endMs: number,
  ) {
    const { loads, stopping, design, done } = experiment;
    const wanted = loads.map((load) => ({
      ...load,
      size: load.size ?? doneSize(load, done) ?? blockSize(load, warmUps),
    }));
    const roundMs = wanted.reduce((sum, load) => sum + roundTimeMs(load, warmUps), 0);
    const allowedMs =
      stopping.kind === "decided" ? (endMs - performance.now()) / Math.max(1, design.looks[0] ?? 1) : roundMs;
    const shrink = Math.min(1, allowedMs / Math.max(1, roundMs));
    this.loads = wanted.map((load, i) => ({
      ...load,
      size: isGiven(loads[i]!, done) ? load.size : shrunk(load, shrink),
    }));
  }

  /**
   * The runs that follow, each asked for when the one before has ended.
   *
   * @param runs all that were measured; grows meanwhile
   */
  *places(runs: readonly RunResult[]): Generator<Turn> {
    const { variants, stopping, design } = this.experiment;
    const running = new Map<Load, readonly Variant[]>(this.loads.map((load) => [load, variants]));
    const rounds = stopping.kind === "rounds" ? stopping.rounds : Math.max(...design.looks);
    const endMs = this.endMs;
    for (let round = 1; round <= rounds; round++) {
      const beganMs = performance.now();
      for (const load of this.loads) {
        const inRound = running.get(load)!;
        for (const variant of turned(inRound, round)) {
          if (performance.now() >= endMs) return;
          const run = { variant, label: variant.label, load: load.name, requestSize: load.size, run: round };
          yield { kind: "run", run, load: this.#loadFor(load, variant) };
        }
        if (inRound.length === 0) continue;
        const measured = runs.filter(
          (run) => run.load === load.name && run.requestSize === load.size && run.run <= round,
        );
        const goingOn = this.#goingOn(inRound, measured, round);
        running.set(load, goingOn);
        const labels = goingOn.map(({ label }) => label);
        yield { kind: "end", end: { load: load.name, round, runs: measured, goingOn: labels } };
      }
      // A round that would not end in time decides nothing.
      const tookMs = performance.now() - beganMs;
      if (performance.now() + tookMs / 2 > endMs || [...running.values()].every((left) => left.length === 0)) return;
    }
  }

  #goingOn(variants: readonly Variant[], runs: readonly RunResult[], round: number): readonly Variant[] {
    const { stopping, design } = this.experiment;
    if (stopping.kind === "rounds" || !design.looks.includes(round)) return variants;
    const labels = goOn(
      scoresOf(runs, design.figure),
      variants.map(({ label }) => label),
      design,
    );
    return variants.filter(({ label }) => labels.includes(label));
  }

  #loadFor(load: PlannedLoad, variant: Variant): PlannedLoad {
    const part = this.experiment.stopping.kind === "decided" && variant.maxSequences === 1;
    return part ? { ...load, size: Math.max(1, Math.round(load.size * UNBATCHED_SHARE)) } : load;
  }
}

/** Each round another one begins, and every second one goes backwards, so that nobody always follows the same one. */
function turned(variants: readonly Variant[], round: number): Variant[] {
  const start = variants.length === 0 ? 0 : Math.floor((round - 1) / 2) % variants.length;
  const order = [...variants.slice(start), ...variants.slice(0, start)];
  return round % 2 === 1 ? order : order.reverse();
}

function isGiven(load: Load, done: readonly RunResult[]): boolean {
  return load.size !== undefined || doneSize(load, done) !== undefined;
}

/** A command that goes on sends as many as before. */
function doneSize({ name }: Load, done: readonly RunResult[]): number | undefined {
  return done.find((run) => run.load === name)?.requestSize;
}

function clientsOf({ maxConcurrent }: Load): number {
  return Number.isFinite(maxConcurrent) ? maxConcurrent : OPEN_LOOP_CLIENTS;
}

/** Enough that the fastest variant is busy for two seconds. */
function blockSize(load: Load, warmUps: WarmUps): number {
  const least = BLOCK_REQUESTS_PER_CLIENT * clientsOf(load);
  const fastest = Math.max(0, ...warmUps.values());
  return Math.max(least, Math.ceil(((BLOCK_MS / 1000) * fastest) / meanTokens(load)));
}

function shrunk(load: PlannedLoad, factor: number): number {
  return Math.max(Math.min(load.size, clientsOf(load)), Math.floor(load.size * factor));
}

/** How long a round takes under this load, after the speeds that the warm-up showed; 0 without one. */
function roundTimeMs(load: PlannedLoad, warmUps: WarmUps): number {
  const tokens = load.size * meanTokens(load);
  return [...warmUps].reduce((sum, [variant, rate]) => {
    const share = variant.maxSequences === 1 ? UNBATCHED_SHARE : 1;
    return rate > 0 ? sum + (1000 * tokens * share) / rate : sum;
  }, 0);
}

function meanTokens({ workload }: Load): number {
  const lengths = [...planWorkload(workload, LENGTH_SAMPLE, 1)].map(({ maxTokens }) => maxTokens);
  return lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
}
