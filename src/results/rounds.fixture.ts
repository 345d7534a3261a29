/** Benches with a known truth, for tests and for `benchmarks/verdicts.ts`: speeds in tokens per second, with a machine's noise. */
import type { Random } from "../random.js";
import { type Design, goOn } from "./verdict.js";

export interface SimulatedNoise {
  /** Standard deviation of a round's log ratio between two equal variants. */
  readonly pairSd: number;
  /** The machine's slow change over a whole bench, as a log; all variants share it. */
  readonly drift: number;
  /** Chance that a block loses a part of the machine to somebody else, and how much at most. */
  readonly burstChance: number;
  readonly burstShare: number;
}

/** What a shared virtual machine does. */
export const USUAL_NOISE: Omit<SimulatedNoise, "pairSd"> = { drift: 0.1, burstChance: 0.03, burstShare: 0.3 };

export interface SimulatedBench {
  readonly scores: Map<string, Map<number, number>>;
  readonly rounds: number;
}

/** Runs rounds as `sluice bench` does: looks at fixed rounds, and whoever is decided leaves. */
export function simulateBench(
  speeds: Readonly<Record<string, number>>,
  noise: SimulatedNoise,
  design: Design,
  random: Random,
): SimulatedBench {
  const scores = new Map(Object.keys(speeds).map((label) => [label, new Map<number, number>()] as const));
  const last = Math.max(...design.looks);
  let running = Object.keys(speeds);
  let rounds = 0;
  while (running.length > 0 && rounds < last) {
    rounds++;
    const mood = noise.drift * (rounds / last) * (random.uniform() < 0.5 ? 1 : 0.8);
    for (const label of running) {
      scores.get(label)!.set(rounds, speeds[label]! * Math.exp(blockNoise(noise, random) - mood));
    }
    if (design.looks.includes(rounds)) running = goOn(scores, running, design);
  }
  return { scores, rounds };
}

/** Bursts add to the noise of quiet times, and the two together have the standard deviation that is asked for. */
function blockNoise({ pairSd, burstChance, burstShare }: SimulatedNoise, random: Random): number {
  const burst = random.uniform() < burstChance ? Math.log(1 - burstShare * random.uniform()) : 0;
  const burstVariance = (burstChance * burstShare ** 2) / 3;
  return burst + Math.sqrt(Math.max(0, pairSd ** 2 / 2 - burstVariance)) * random.normal();
}
