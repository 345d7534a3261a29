import { labelsOf, type Series, sizesOf } from "../../results/series.js";
import { type Metric, P50, P95, spreadOf, THROUGHPUT, TOKENS, TTFT_P95 } from "../../results/series-metrics.js";
import { comparable } from "./applies.js";
import { sizePoints, unitFor } from "./lines.js";
import { type Panel, panelGrid } from "./panels.js";
import type { Chart } from "./spec.js";

/** Every scheduler's main figures side by side, at the largest number of requests. */
export const schedulerComparisonBars: Chart = {
  name: "scheduler_comparison_bars",
  build(results) {
    const all = comparable(results);
    const size = all === undefined ? undefined : sizesOf(all).at(-1);
    if (all === undefined || size === undefined) return undefined;
    const allSeries = all.filter((series) => series.requestSize === size);
    const names = bySpeed(allSeries);
    if (names.length < 2) return undefined;
    const panels = [TOKENS, THROUGHPUT, P50, P95, TTFT_P95].map((metric) => metricPanel(allSeries, metric));
    return {
      title: {
        text: `Schedulers side by side, ${size} requests`,
        subtitle: "Fastest first. Black lines reach from the lowest repeat to the highest.",
      },
      ...panelGrid([...panels, efficiencyPanel(allSeries)], names, 3),
    };
  },
};

/** Labels by falling throughput. */
function bySpeed(allSeries: readonly Series[]): string[] {
  const speed = (series: Series): number => spreadOf(series, TOKENS)?.value ?? 0;
  return labelsOf([...allSeries].sort((a, b) => speed(b) - speed(a)));
}

function metricPanel(allSeries: readonly Series[], metric: Metric): Panel {
  const unit = unitFor(allSeries, [metric]);
  const rows = sizePoints(allSeries, metric, unit).map(({ size, ...point }) => ({ ...point, category: size }));
  return { title: `${metric.title} (${unit.name})`, rows, categoryTitle: "requests" };
}

/** The share of computed rows that were not padding, where the scheduler tells. */
function efficiencyPanel(allSeries: readonly Series[]): Panel {
  const rows = allSeries.flatMap((series) => {
    const shares = series.runs.map((run) => run.summary.batchEfficiency).filter((share) => share !== null);
    if (shares.length === 0) return [];
    const value = (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length;
    const [low, high] = [100 * Math.min(...shares), 100 * Math.max(...shares)];
    return [{ series: series.label, category: series.requestSize, value, low, high }];
  });
  return { title: "computed rows that were not padding (%)", rows, categoryTitle: "requests" };
}
