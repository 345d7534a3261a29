/**
 * Two variants in the same rounds. In a round both had the same requests within seconds of each other, so what the requests
 * and the machine's mood contribute cancels out of the ratio: the mean of the rounds' log ratios, with Student's t.
 */
import type { Estimate } from "./statistics.js";
import { studentUpperTail } from "./student.js";

/** A figure per round, by the round's number. */
export type RoundValues = ReadonlyMap<number, number>;

/** More rounds than this have more sign patterns than are worth trying: the t test serves. */
const MAX_FLIPPED_ROUNDS = 16;

/** ln(a ÷ b) of each round that both have, in order. A round without a figure > 0 on both sides is left out. */
export function logRatios(a: RoundValues, b: RoundValues): number[] {
  return [...a.keys()]
    .filter((round) => b.has(round))
    .sort((x, y) => x - y)
    .map((round) => Math.log(a.get(round)! / b.get(round)!))
    .filter(Number.isFinite);
}

/** The geometric mean of the rounds' ratios; undefined without rounds. */
export function pairedEstimate(logs: readonly number[]): Estimate | undefined {
  if (logs.length === 0) return undefined;
  const { mean, error } = moments(logs);
  const known = logs.length > 1;
  return {
    value: Math.exp(mean),
    logError: known ? error : Number.NaN,
    degrees: known ? logs.length - 1 : 0,
    unit: "runs",
  };
}

/** Two-sided p of "the rounds' ratios are 1 on average" by the t test; 1 for fewer than two rounds. */
export function tTestP(logs: readonly number[]): number {
  if (logs.length < 2) return 1;
  const { mean, error } = moments(logs);
  if (mean === 0) return 1;
  return error === 0 ? 0 : 2 * studentUpperTail(Math.abs(mean) / error, logs.length - 1);
}

/**
 * The same without assuming any distribution: the share of sign patterns whose mean is at least as far from 0. Undefined
 * for more rounds than can be tried; six rounds reach 0.031 at best.
 */
export function signFlipP(logs: readonly number[]): number | undefined {
  if (logs.length === 0 || logs.length > MAX_FLIPPED_ROUNDS) return undefined;
  const total = Math.abs(logs.reduce((sum, log) => sum + log, 0));
  const tolerance = 1e-12 * logs.reduce((sum, log) => sum + Math.abs(log), 0);
  // The first sign is fixed: patterns come in pairs of opposites.
  const patterns = 2 ** (logs.length - 1);
  let extreme = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    const sum = logs.reduce((of, log, i) => of + (i > 0 && (pattern >> (i - 1)) & 1 ? -log : log), 0);
    if (Math.abs(sum) >= total - tolerance) extreme++;
  }
  return extreme / patterns;
}

/** Mean, standard deviation and standard error of the mean. */
export function moments(logs: readonly number[]): { mean: number; sd: number; error: number } {
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, logs.length - 1);
  // Equal rounds give exactly 0, and not what is left of rounding.
  const sd = variance < (1e-12 * mean) ** 2 ? 0 : Math.sqrt(variance);
  return { mean, sd, error: sd / Math.sqrt(logs.length) };
}
