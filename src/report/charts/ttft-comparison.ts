import { spreadOf, TTFT_P50, TTFT_P95 } from "../../results/series-metrics.js";
import { comparable } from "./applies.js";
import { sizePanels } from "./lines.js";
import type { Chart } from "./spec.js";

/** How long clients of every scheduler wait for their first token. */
export const ttftComparison: Chart = {
  name: "ttft_comparison",
  build(results) {
    const allSeries = comparable(results)?.filter((series) => spreadOf(series, TTFT_P50) !== undefined);
    if (allSeries === undefined || allSeries.length === 0) return undefined;
    return {
      title: {
        text: "Time to first token",
        subtitle:
          "Where a scheduler delivers at batch end it equals the latency. Thin lines: lowest to highest repeat. Lower is better.",
      },
      ...sizePanels(allSeries, [TTFT_P50, TTFT_P95], (metric) => metric.title),
    };
  },
};
