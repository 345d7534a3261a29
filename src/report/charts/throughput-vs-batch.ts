import { THROUGHPUT } from "../../results/series-metrics.js";
import type { Chart } from "./spec.js";
import { sweepChart, sweepLines } from "./sweep-lines.js";

/** Requests per second over the largest batch size, a line per wait, with the un-batched baseline. */
export const throughputVsBatch: Chart = {
  name: "throughput_vs_batch",
  build(results) {
    const lines = sweepLines(results, THROUGHPUT);
    return (
      lines && sweepChart(lines, { title: "Throughput by batch size", axis: "throughput", better: "Higher is better." })
    );
  },
};
