/**
 * How sure a figure is. The world as this file sees it: a variant was measured in a few runs, each of many requests.
 * Requests of one run share its luck (the machine's mood, who was batched with whom), so they are no independent draws.
 * Whole runs are; with three or more of them the run is the unit that is resampled. With fewer, each run is cut into
 * stretches of consecutive requests and those are the units: this sees the noise inside a run, not that between runs.
 *
 * The bootstrap gives the standard error, on a log scale, since what people ask of times and rates is "by what factor".
 * With few units a bootstrap's own percentiles are too narrow (three runs give ten different resamples), so intervals
 * take the error times Student's t, with the factor √(k/(k−1)) that corrects the bootstrap's downward bias for k units
 * (Hesterberg, What Teachers Should Know About the Bootstrap, 2015, section 4).
 */
import { weightedQuantile } from "../metrics/quantile.js";
import { hash32, Random } from "../random.js";
import { studentQuantile } from "./student.js";

/** One run: a value a request, in the order in which they were sent; or the run's own figure alone. */
export type RunValues = readonly number[];

/** What is asked of the values, all runs merged. Percentiles interpolate linearly. */
export type Statistic = { readonly kind: "mean" } | { readonly kind: "percentile"; readonly percent: number };

export interface Estimate {
  readonly value: number;
  /** Standard error of ln(value); NaN where it cannot be known (fewer than two units, or a value that is not > 0). */
  readonly logError: number;
  /** Degrees of freedom of `logError`; 0 where that is NaN. */
  readonly degrees: number;
  /** What was resampled; "requests" stands for stretches of them. */
  readonly unit: "runs" | "requests";
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const DEFAULT_CONFIDENCE = 0.95;
const REPLICATES = 400;
/** Fewer runs say too little about the noise between runs to show an interval. */
export const MIN_RUNS_AS_UNITS = 3;

/**
 * The statistic of the merged runs with its standard error. Undefined when there is no value at all.
 *
 * @param seed of the resampling: same values, same seed, same answer
 */
export function estimate(runs: readonly RunValues[], statistic: Statistic, seed = 1): Estimate | undefined {
  const filled = runs.filter((run) => run.length > 0);
  if (filled.length === 0) return undefined;
  const byRun = filled.length >= MIN_RUNS_AS_UNITS || filled.every((run) => run.length === 1);
  const pool = new Pool(byRun ? filled : filled.flatMap(stretches));
  const value = pool.statistic(statistic, new Int32Array(pool.units).fill(1));
  const unit = byRun ? "runs" : "requests";
  const logError = bootstrapLogError(pool, statistic, new Random(hash32(seed, pool.units)));
  return { value, logError, degrees: Number.isNaN(logError) ? 0 : pool.units - 1, unit };
}

/** The statistic of the merged runs alone. Undefined when there is no value at all. */
export function mergedValue(runs: readonly RunValues[], statistic: Statistic): number | undefined {
  const filled = runs.filter((run) => run.length > 0);
  if (filled.length === 0) return undefined;
  const pool = new Pool([filled.flat()]);
  return pool.statistic(statistic, Int32Array.of(1));
}

/** `a` ÷ `b`, two independent samples; degrees of freedom after Welch and Satterthwaite. */
export function ratioOf(a: Estimate, b: Estimate): Estimate {
  return combine([a, b], a.value / b.value, 1);
}

/** The mean factor of several independent ratios: what a change did over all variants together. */
export function geometricMean(ratios: readonly Estimate[]): Estimate {
  const meanLog = ratios.reduce((sum, ratio) => sum + Math.log(ratio.value), 0) / ratios.length;
  return combine(ratios, Math.exp(meanLog), 1 / ratios.length);
}

/** Where the true value lies with this confidence; undefined where that cannot be said. */
export function intervalOf(estimate: Estimate, confidence = DEFAULT_CONFIDENCE): Interval | undefined {
  const { value, logError, degrees } = estimate;
  if (Number.isNaN(logError)) return undefined;
  if (logError === 0) return { low: value, high: value };
  const reach = logError * studentQuantile(1 - (1 - confidence) / 2, degrees);
  return { low: value * Math.exp(-reach), high: value * Math.exp(reach) };
}

/** What the data say about a ratio: above 1, below 1, not to be told from 1 ("noise"), or too few samples to say. */
export type Verdict = "above" | "below" | "noise" | "unknown";

/** Whether a ratio differs from 1 by more than the noise. */
export function verdictOf(ratio: Estimate, confidence = DEFAULT_CONFIDENCE): Verdict {
  const interval = intervalOf(ratio, confidence);
  if (interval === undefined) return "unknown";
  if (interval.low > 1) return "above";
  return interval.high < 1 ? "below" : "noise";
}

/** The confidence each of `count` intervals needs so that all of them hold together (Bonferroni). */
export function jointConfidence(count: number, confidence = DEFAULT_CONFIDENCE): number {
  return 1 - (1 - confidence) / Math.max(1, count);
}

function combine(parts: readonly Estimate[], value: number, factor: number): Estimate {
  const variance = parts.reduce((sum, part) => sum + part.logError ** 2, 0);
  const spread = parts.reduce((sum, part) => sum + (part.logError === 0 ? 0 : part.logError ** 4 / part.degrees), 0);
  const known = !Number.isNaN(variance) && Number.isFinite(Math.log(value));
  return {
    value,
    logError: known ? factor * Math.sqrt(variance) : Number.NaN,
    degrees: !known ? 0 : variance === 0 ? 1 : variance ** 2 / spread,
    unit: parts.every((part) => part.unit === "runs") ? "runs" : "requests",
  };
}

/** Cuts a run into about √n stretches of about √n requests: longer than a batch, and enough of them to resample. */
function stretches(run: RunValues): RunValues[] {
  const count = Math.floor(Math.sqrt(run.length));
  return Array.from({ length: count }, (_, i) =>
    run.slice(Math.round((i * run.length) / count), Math.round(((i + 1) * run.length) / count)),
  );
}

function bootstrapLogError(pool: Pool, statistic: Statistic, random: Random): number {
  if (pool.units < 2) return Number.NaN;
  const weights = new Int32Array(pool.units);
  let sum = 0;
  let sumOfSquares = 0;
  let origin = Number.NaN;
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    weights.fill(0);
    for (let draw = 0; draw < pool.units; draw++) {
      const unit = random.integer(0, pool.units - 1);
      weights[unit] = weights[unit]! + 1;
    }
    const log = Math.log(pool.statistic(statistic, weights));
    if (!Number.isFinite(log)) return Number.NaN;
    // Deviations from the first replicate: equal values give exactly 0.
    if (replicate === 0) origin = log;
    sum += log - origin;
    sumOfSquares += (log - origin) ** 2;
  }
  const variance = Math.max(0, sumOfSquares - sum ** 2 / REPLICATES) / (REPLICATES - 1);
  return Math.sqrt((variance * pool.units) / (pool.units - 1));
}

/** All values in rising order, each with the unit it came from: a resample is then a weight per unit, and nothing is sorted again. */
class Pool {
  readonly units: number;
  readonly #values: Float64Array;
  readonly #unitOf: Int32Array;

  constructor(units: readonly RunValues[]) {
    this.units = units.length;
    const tagged = units.flatMap((values, unit) => values.map((value) => ({ value, unit })));
    tagged.sort((a, b) => a.value - b.value);
    this.#values = Float64Array.from(tagged, (entry) => entry.value);
    this.#unitOf = Int32Array.from(tagged, (entry) => entry.unit);
  }

  statistic(statistic: Statistic, weights: Int32Array): number {
    return statistic.kind === "mean" ? this.#mean(weights) : this.#percentile(statistic.percent, weights);
  }

  #mean(weights: Int32Array): number {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < this.#values.length; i++) {
      const weight = weights[this.#unitOf[i]!]!;
      sum += weight * this.#values[i]!;
      count += weight;
    }
    return sum / count;
  }

  /** As if every value stood there as often as its unit was drawn. */
  #percentile(percent: number, weights: Int32Array): number {
    return weightedQuantile(this.#values, (index) => weights[this.#unitOf[index]!]!, percent / 100);
  }
}
