/** The figures of every variant as a table that can be sorted by any column. */
import { meanBatchSize } from "../../metrics/batches.js";
import { type Field, fieldsOf } from "../../results/contest.js";
import type { Results, ResultsDesign } from "../../results/schema.js";
import {
  baselineAmong,
  batchSizesOf,
  failedIn,
  meanOverRounds,
  paddingShare,
  type Series,
  seriesKey,
  seriesOf,
} from "../../results/series.js";
import {
  type Metric,
  measure,
  P50,
  P95,
  P99,
  ratioBetween,
  THROUGHPUT,
  TOKENS,
  TPOT_P50,
  TTFT_P50,
  TTFT_P95,
} from "../../results/series-metrics.js";
import { intervalOf, MIN_RUNS_AS_UNITS } from "../../results/statistics.js";
import { seriesName } from "../axes.js";
import { digits, duration, factor, NONE, percent } from "../figures.js";
import { placeText } from "../verdict-text.js";
import { escapeHtml } from "./escape.js";

interface Cell {
  /** What it is sorted by; "" goes last. */
  readonly key: string | number;
  readonly text: string;
  /** Below the text: an interval, or what it means. */
  readonly note?: string;
}

interface Row {
  readonly series: Series;
  /** The un-batched run of the same load; undefined for that run itself. */
  readonly baseline: Series | undefined;
  readonly field: Field | undefined;
}

interface Column {
  readonly title: string;
  cell(row: Row): Cell;
}

/** One row a variant. Intervals hold with 95 % confidence. */
export function resultsTable(results: Results): string {
  const allSeries = seriesOf(results);
  const fields = fieldsOf(results);
  const rows = allSeries.map((series) => ({
    series,
    baseline: baselineFor(series, allSeries),
    field: fields.find(({ ranked }) => ranked.some((other) => seriesKey(other) === seriesKey(series))),
  }));
  const columns = columnsFor(allSeries, results.design);
  const head = columns.map(({ title }) => `<th scope="col"><button type="button">${escapeHtml(title)}</button></th>`);
  const body = rows.map((row) => `<tr>${columns.map((column) => cellHtml(column.cell(row))).join("")}</tr>`);
  return `<div class="scroll" tabindex="0"><table>\n<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody>\n</table></div>`;
}

function cellHtml({ key, text, note }: Cell): string {
  const below = note === undefined ? "" : `<br><small>${escapeHtml(note)}</small>`;
  return `<td data-value="${escapeHtml(String(key))}">${escapeHtml(text)}${below}</td>`;
}

function columnsFor(allSeries: readonly Series[], design: ResultsDesign): Column[] {
  const several = (of: (series: Series) => unknown): boolean => new Set(allSeries.map(of)).size > 1;
  const slo = allSeries.some((series) => series.runs.some((run) => run.summary.goodput !== null));
  return [
    { title: "variant", cell: ({ series }) => ({ key: seriesName(series), text: seriesName(series) }) },
    ...(several((series) => series.load) ? [textColumn("load", (series) => series.load)] : []),
    ...(several((series) => series.requestSize) ? [numberColumn("requests", (series) => series.requestSize)] : []),
    ...(several((series) => series.workers) ? [numberColumn("workers", (series) => series.workers)] : []),
    numberColumn("runs", (series) => series.runs.length),
    metricColumn("req/s", THROUGHPUT, digits),
    metricColumn("tokens/s", TOKENS, digits),
    { title: "vs baseline", cell: againstBaseline },
    { title: "against the leader", cell: (row) => againstLeader(row, design) },
    metricColumn("p50", P50, duration),
    metricColumn("p95", P95, duration),
    metricColumn("p99", P99, duration),
    metricColumn("TTFT p50", TTFT_P50, duration),
    metricColumn("TTFT p95", TTFT_P95, duration),
    metricColumn("TPOT p50", TPOT_P50, duration),
    seriesColumn("batch", (series) => meanBatchSize(batchSizesOf(series)), digits),
    seriesColumn("padding", paddingShare, percent),
    ...(slo
      ? [seriesColumn("goodput", (series) => meanOverRounds(series, (run) => run.summary.goodput?.share), percent)]
      : []),
    numberColumn("failed", failedIn),
  ];
}

function seriesColumn(
  title: string,
  of: (series: Series) => number | null,
  show: (value: number | null) => string,
): Column {
  return { title, cell: ({ series }) => ({ key: of(series) ?? "", text: show(of(series)) }) };
}

function textColumn(title: string, of: (series: Series) => string): Column {
  return { title, cell: ({ series }) => ({ key: of(series), text: of(series) }) };
}

function numberColumn(title: string, of: (series: Series) => number | null): Column {
  return { title, cell: ({ series }) => ({ key: of(series) ?? "", text: String(of(series) ?? NONE) }) };
}

function metricColumn(title: string, metric: Metric, show: (value: number) => string): Column {
  return {
    title,
    cell({ series }) {
      const estimate = measure(series, metric);
      if (estimate === undefined) return { key: "", text: NONE };
      const interval = intervalOf(estimate);
      const wide = interval !== undefined && interval.high > interval.low && series.runs.length >= MIN_RUNS_AS_UNITS;
      const note = wide ? { note: `${show(interval.low)} – ${show(interval.high)}` } : {};
      return { key: estimate.value, text: show(estimate.value), ...note };
    },
  };
}

function againstBaseline({ series, baseline }: Row): Cell {
  const ratio = baseline && ratioBetween(series, baseline, TOKENS);
  if (ratio === undefined) return { key: "", text: NONE };
  const interval = series.runs.length < MIN_RUNS_AS_UNITS ? undefined : intervalOf(ratio);
  const note = interval === undefined ? "noise unknown" : `${interval.low.toFixed(2)} – ${interval.high.toFixed(2)}`;
  return { key: ratio.value, text: factor(ratio.value), note };
}

/** The verdict, and below it the p that needs no assumption about the noise. */
function againstLeader({ series, field }: Row, design: ResultsDesign): Cell {
  if (field === undefined || field.ranked.length < 2) return { key: "", text: NONE };
  if (field.leader.label === series.label) return { key: 1, text: "★ leads" };
  const verdict = field.contest.pair(field.leader.label, series.label);
  if (verdict === undefined) return { key: "", text: NONE };
  const note =
    verdict.exactP === undefined ? {} : { note: `${verdict.rounds} rounds, sign-flip p ${verdict.exactP.toFixed(3)}` };
  return { key: 1 / verdict.ratio.value, text: placeText(verdict, design.figure), ...note };
}

function baselineFor(series: Series, allSeries: readonly Series[]): Series | undefined {
  const alike = allSeries.filter(
    (other) =>
      other.load === series.load && other.requestSize === series.requestSize && other.workers === series.workers,
  );
  const base = baselineAmong(alike);
  return base === series ? undefined : base;
}
