import type { Series } from "../../results/series.js";
import { P50, P95, spreadOf, TOKENS } from "../../results/series-metrics.js";
import { measuredSeries } from "./applies.js";
import { unitFor } from "./lines.js";
import type { Chart, Spec } from "./spec.js";

export interface WorkersPoint {
  readonly workers: number;
  readonly series: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const WIDTH = 230;

/** What more worker processes do to throughput, latency and CPU use. */
export const workersScaling: Chart = {
  name: "workers_scaling",
  build(results) {
    const allSeries = measuredSeries(results).filter((series) => series.workers !== null);
    if (new Set(allSeries.map((series) => series.workers)).size < 2) return undefined;
    const unit = unitFor(allSeries, [P50, P95]);
    const latency = [P50, P95].flatMap((metric) =>
      points(allSeries, metric.title, (series) => scaled(spreadOf(series, metric), unit.divisor)),
    );
    const cpu = points(allSeries, "CPU", cpuOf);
    return {
      title: {
        text: "Scaling over worker processes",
        subtitle: "Each worker has a copy of the model. Thin lines reach from the lowest trial to the highest.",
      },
      hconcat: [
        panel(
          points(allSeries, "throughput", (series) => spreadOf(series, TOKENS)),
          "throughput (tokens/s)",
          ["#0072b2"],
        ),
        panel(latency, `latency (${unit.name})`, ["#009e73", "#d55e00"]),
        ...(cpu.length === 0 ? [] : [panel(cpu, "CPU use (% of all cores)", ["#cc79a7"])]),
      ],
      spacing: 34,
      resolve: { scale: { color: "independent" } },
    };
  },
};

type Figure = { value: number; low: number; high: number };

function points(
  allSeries: readonly Series[],
  name: string,
  figure: (series: Series) => Figure | undefined,
): WorkersPoint[] {
  return allSeries.flatMap((series) => {
    const value = figure(series);
    return value === undefined || series.workers === null ? [] : [{ workers: series.workers, series: name, ...value }];
  });
}

function scaled(spread: Figure | undefined, divisor: number): Figure | undefined {
  return spread && { value: spread.value / divisor, low: spread.low / divisor, high: spread.high / divisor };
}

/** Mean over the trials of each one's mean. */
function cpuOf(series: Series): Figure | undefined {
  const means = series.runs.map((run) => run.cpuPercent?.mean).filter((mean) => mean !== undefined);
  if (means.length === 0) return undefined;
  return {
    value: means.reduce((sum, mean) => sum + mean, 0) / means.length,
    low: Math.min(...means),
    high: Math.max(...means),
  };
}

function panel(values: readonly WorkersPoint[], title: string, colors: readonly string[]): Spec {
  const series = [...new Set(values.map((point) => point.series))];
  const x = { field: "workers", type: "ordinal", title: "worker processes", axis: { labelAngle: 0 } };
  const legend = series.length === 1 ? null : { title: null, orient: "top", symbolType: "circle" };
  const color = { field: "series", type: "nominal", scale: { domain: series, range: [...colors] }, legend };
  const y = (field: string): Spec => ({ field, type: "quantitative", title, scale: { zero: true } });
  return {
    data: { values },
    width: WIDTH,
    height: 230,
    encoding: { x, color },
    layer: [
      { mark: { type: "rule", strokeWidth: 1.2, opacity: 0.8 }, encoding: { y: y("low"), y2: { field: "high" } } },
      { mark: { type: "line", strokeWidth: 2 }, encoding: { y: y("value") } },
      {
        mark: { type: "point", filled: true, size: 60, opacity: 1 },
        encoding: {
          y: y("value"),
          tooltip: [
            { field: "workers" },
            { field: "series", title: "figure" },
            { field: "value", title, format: ",.3~r" },
          ],
        },
      },
    ],
  };
}
