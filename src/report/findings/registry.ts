/** What the data show: found by computing, each with its uncertainty, and left out where the data do not show it. */
import type { Results } from "../../results/schema.js";
import { batchFill, paddingWaste } from "./batches.js";
import { bestMedianLatency, gainOverBaseline, verdicts } from "./best.js";
import type { Finder, Finding } from "./finding.js";
import { disturbedRuns, failures, fewRepeats, lateClient, machineNoise, overSaturation, ownCounts } from "./health.js";
import { axisEffects, batchOfOne, gainRequirement, saturation, tailAgainstBaseline } from "./sweep.js";
import { workersEffect } from "./workers.js";

const FINDERS: readonly Finder[] = [
  verdicts,
  bestMedianLatency,
  gainOverBaseline,
  gainRequirement,
  tailAgainstBaseline,
  saturation,
  batchOfOne,
  axisEffects,
  workersEffect,
  batchFill,
  paddingWaste,
  failures,
  ownCounts,
  lateClient,
  fewRepeats,
  overSaturation,
  machineNoise,
  disturbedRuns,
];

/** All findings, in the order of the report. */
export function findings(results: Results): Finding[] {
  return FINDERS.flatMap((find) => find(results));
}
