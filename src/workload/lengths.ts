/** Distributions of prompt and output lengths in tokens, and of deadlines in milliseconds: `fixed:64`, `uniform:8-128`, `lognormal:60,0.8`. */
import { SluiceError } from "../errors.js";
import type { Random } from "../random.js";

export interface LengthDistribution {
  /** As it was written. */
  readonly text: string;
  /** The longest length it can give. */
  readonly max: number;
  /** A whole number ≥ 1. */
  sample(random: Random): number;
}

/** A draw from a long tail would not fit any context: lognormal lengths are cut at this many times their median. */
const LOGNORMAL_CUT = 8;

/**
 * Reads a distribution. `lognormal:m,s` has median m and a standard deviation s of the logarithm.
 *
 * @param option the flag, for the message
 * @throws SluiceError `usage`
 */
export function parseLengths(text: string, option: string): LengthDistribution {
  const fixed = /^(?:fixed:)?(\d+)$/.exec(text);
  if (fixed) return fixedLength(positive(Number(fixed[1]), text, option));
  const uniform = /^uniform:(\d+)-(\d+)$/.exec(text);
  if (uniform) return uniformLength(Number(uniform[1]), Number(uniform[2]), text, option);
  const lognormal = /^lognormal:(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(text);
  if (lognormal) return lognormalLength(positive(Number(lognormal[1]), text, option), Number(lognormal[2]), text);
  throw wrong(text, option);
}

export function fixedLength(tokens: number): LengthDistribution {
  return { text: `fixed:${tokens}`, max: tokens, sample: () => tokens };
}

function uniformLength(min: number, max: number, text: string, option: string): LengthDistribution {
  if (min < 1 || max < min) throw wrong(text, option);
  return { text, max, sample: (random) => random.integer(min, max) };
}

function lognormalLength(medianTokens: number, sigma: number, text: string): LengthDistribution {
  const max = Math.ceil(medianTokens * LOGNORMAL_CUT);
  return {
    text,
    max,
    sample: (random) => Math.min(max, Math.max(1, Math.round(medianTokens * Math.exp(sigma * random.normal())))),
  };
}

function positive(value: number, text: string, option: string): number {
  if (value >= 1) return value;
  throw wrong(text, option);
}

function wrong(text: string, option: string): SluiceError {
  return new SluiceError(
    "usage",
    `${option}: "${text}" must be fixed:N, uniform:MIN-MAX or lognormal:MEDIAN,SIGMA with values of at least 1`,
  );
}
