/** What an experiment is: every variant under every load, round by round. `bench`, `sweep`, `workers` and `loadtest` are ways to fill it in. */
import type { RequestRecord, ResultsDesign, RunResult } from "../results/schema.js";
import type { Objective } from "../results/slo.js";
import type { Sampling } from "../targets/target.js";
import type { WorkloadSettings } from "../workload/workload.js";
import type { Runner } from "./runner.js";
import type { Variant } from "./variant.js";

/** What the clients of a run do. */
export interface Load {
  /** Tells it from others; "" where there is one. */
  readonly name: string;
  /** Requests per run; undefined: as many as a block of a round should have. */
  readonly size: number | undefined;
  readonly maxConcurrent: number;
  readonly workload: WorkloadSettings;
}

/** When there have been enough rounds: after so many, or when who is faster is decided or the time is up. */
export type Stopping =
  | { readonly kind: "rounds"; readonly rounds: number }
  | { readonly kind: "decided"; readonly maxMs: number };

export interface Experiment {
  readonly variants: readonly Variant[];
  runnerOf(variant: Variant): Runner;
  readonly loads: readonly Load[];
  readonly stopping: Stopping;
  readonly design: ResultsDesign;
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
  readonly load: string;
  readonly requestSize: number;
  /** Round, from 1. */
  readonly run: number;
}

/** Told as the experiment goes on. */
export interface ExperimentObserver {
  warmingUp(variant: Variant): void;
  /** How many requests a run of each load has, now that this is known. */
  planned(loads: readonly PlannedLoad[]): void;
  runBegins(place: RunPlace): void;
  tokens(count: number): void;
  /** A request ended, well or badly. */
  ended(record: RequestRecord, place: RunPlace): void;
  /** @param kept false: it was interrupted, and counts for nothing */
  runEnded(result: RunResult, kept: boolean): void;
  /** Every variant that still runs has had its turn under this load. */
  roundEnded(round: RoundEnd): void;
}

export type PlannedLoad = Load & { readonly size: number };

export interface RoundEnd {
  readonly load: string;
  readonly round: number;
  /** All runs under this load so far. */
  readonly runs: readonly RunResult[];
  /** Those that go on; none when the load is decided. */
  readonly goingOn: readonly string[];
}
