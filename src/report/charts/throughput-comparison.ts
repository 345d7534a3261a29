import { THROUGHPUT, TOKENS } from "../../results/series-metrics.js";
import { comparable } from "./applies.js";
import { sizePanels } from "./lines.js";
import type { Chart } from "./spec.js";

/** Requests and tokens per second of every scheduler, by the number of requests. */
export const throughputComparison: Chart = {
  name: "throughput_comparison",
  build(results) {
    const allSeries = comparable(results);
    if (allSeries === undefined) return undefined;
    return {
      title: {
        text: "Throughput by number of requests",
        subtitle: "Mean of the repeats; thin lines reach from the lowest to the highest. Higher is better.",
      },
      ...sizePanels(allSeries, [THROUGHPUT, TOKENS], () => "throughput"),
    };
  },
};
