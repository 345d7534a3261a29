import { P95 } from "../../results/series-metrics.js";
import type { Chart } from "./spec.js";
import { sweepChart, sweepLines } from "./sweep-lines.js";

/** The 95th percentile of latency over the largest batch size, a line per wait, with the un-batched baseline. */
export const p95VsBatch: Chart = {
  name: "p95_vs_batch",
  build(results) {
    const lines = sweepLines(results, P95);
    return (
      lines &&
      sweepChart(lines, { title: "p95 latency by batch size", axis: "p95 latency", better: "Lower is better." })
    );
  },
};
