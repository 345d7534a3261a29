/** When requests are sent in an open loop: arrival processes with a seed. Times in milliseconds from the first. */
import { SluiceError } from "../errors.js";
import type { Random } from "../random.js";

export const ARRIVALS = ["closed", "constant", "poisson", "gamma", "ramp"] as const;
export type ArrivalName = (typeof ARRIVALS)[number];

export interface ArrivalSettings {
  /** `closed` has no times: a request is sent when an earlier one has ended. */
  readonly process: Exclude<ArrivalName, "closed">;
  /** Requests per second; a ramp starts here. */
  readonly ratePerSec: number;
  /** Shape of the gamma process: 1 is Poisson, less is burstier, more is steadier. */
  readonly burstiness: number;
  /** Where a ramp ends, in requests per second. */
  readonly rampToPerSec: number;
}

/**
 * The sending times of `count` requests; the first is 0.
 *
 * Gaps of the gamma process have shape b and scale 1 ÷ (rate × b), as in vLLM's benchmark: mean 1 ÷ rate whatever b is,
 * and b = 1 is the exponential gap of the Poisson process.
 */
export function arrivalTimesMs(settings: ArrivalSettings, count: number, random: Random): number[] {
  if (settings.process === "ramp") return rampTimesMs(settings.ratePerSec, settings.rampToPerSec, count);
  const times: number[] = [];
  let nowMs = 0;
  for (let index = 0; index < count; index++) {
    times.push(nowMs);
    nowMs += gapMs(settings, random);
  }
  return times;
}

function gapMs(settings: ArrivalSettings, random: Random): number {
  const meanMs = 1000 / settings.ratePerSec;
  switch (settings.process) {
    case "poisson":
      return random.exponential(meanMs);
    case "gamma":
      return random.gamma(settings.burstiness, meanMs / settings.burstiness);
    default:
      return meanMs;
  }
}

/**
 * A rate that rises (or falls) linearly from r₀ to r₁ while `count` requests are sent, which takes T = 2 × count ÷ (r₀ + r₁).
 * The i-th request is sent when the integral of the rate reaches i: r₀t + (r₁ − r₀)t² ÷ 2T = i.
 */
function rampTimesMs(fromPerSec: number, toPerSec: number, count: number): number[] {
  const durationSec = (2 * count) / (fromPerSec + toPerSec);
  const slope = (toPerSec - fromPerSec) / durationSec;
  return Array.from({ length: count }, (_, index) => {
    const root = Math.sqrt(Math.max(0, fromPerSec ** 2 + 2 * slope * index));
    return (1000 * 2 * index) / (fromPerSec + root);
  });
}

/** Checks what the command line gives. @throws SluiceError `usage` */
export function checkArrivals(settings: ArrivalSettings): ArrivalSettings {
  positive("--rate", settings.ratePerSec, "requests per second");
  if (settings.process === "gamma") positive("--burstiness", settings.burstiness, "the gamma shape");
  if (settings.process === "ramp") positive("--ramp-to", settings.rampToPerSec, "requests per second");
  return settings;
}

function positive(option: string, value: number, what: string): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new SluiceError("usage", `${option} must be a number above 0 (${what}), got ${value}`);
}
