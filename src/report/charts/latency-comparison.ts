import { MEAN, P50, P95, P99 } from "../../results/series-metrics.js";
import { comparable } from "./applies.js";
import { sizePanels } from "./lines.js";
import type { Chart } from "./spec.js";

/** Percentiles and mean of the end-to-end latency of every scheduler, by the number of requests. */
export const latencyComparison: Chart = {
  name: "latency_comparison",
  build(results) {
    const allSeries = comparable(results);
    if (allSeries === undefined) return undefined;
    return {
      title: {
        text: "End-to-end latency by number of requests",
        subtitle: "All repeats merged; thin lines reach from the lowest repeat to the highest. Lower is better.",
      },
      ...sizePanels(allSeries, [P50, P95, P99, MEAN], (metric) => metric.title),
    };
  },
};
