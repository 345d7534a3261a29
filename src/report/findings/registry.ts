/** What the data show: found by computing, each with its uncertainty, and left out where the data do not show it. */
import type { Results } from "../../results/schema.js";
import { batchFill, paddingWaste } from "./batches.js";
import { bestMedianLatency, bestThroughput, gainOverBaseline } from "./best.js";
import type { Finder, Finding } from "./finding.js";
import { failures, fewRepeats, lateClient } from "./health.js";
import { axisEffects, batchOfOne, gainRequirement, saturation, tailAgainstBaseline } from "./sweep.js";
import { workersEffect } from "./workers.js";

const FINDERS: readonly Finder[] = [
  bestThroughput,
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
  lateClient,
  fewRepeats,
];

/** All findings, in the order of the report. */
export function findings(results: Results): Finding[] {
  return FINDERS.flatMap((find) => find(results));
}
