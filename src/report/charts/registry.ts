import { batchFillHistogram } from "./batch-fill.js";
import { latencyCdf } from "./latency-cdf.js";
import { latencyComparison } from "./latency-comparison.js";
import { latencyDistribution } from "./latency-distribution.js";
import { p95VsBatch } from "./p95-vs-batch.js";
import { requestTimeline } from "./request-timeline.js";
import { schedulerComparisonBars } from "./scheduler-comparison-bars.js";
import type { Chart } from "./spec.js";
import { throughputComparison } from "./throughput-comparison.js";
import { throughputVsBatch } from "./throughput-vs-batch.js";
import { tradeoff } from "./tradeoff.js";
import { ttftComparison } from "./ttft-comparison.js";
import { verdicts } from "./verdicts.js";
import { workersScaling } from "./workers-scaling.js";

/** Every chart, in the order of the report. */
export const CHARTS: readonly Chart[] = [
  verdicts,
  schedulerComparisonBars,
  throughputComparison,
  latencyComparison,
  latencyDistribution,
  ttftComparison,
  throughputVsBatch,
  p95VsBatch,
  latencyCdf,
  workersScaling,
  tradeoff,
  batchFillHistogram,
  requestTimeline,
];
