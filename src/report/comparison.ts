/** The comparison at the end of a bench: who wins, and by how much. */
import { latencyMs, ttftMs } from "../metrics/request.js";
import type { Results } from "../results/schema.js";
import { baselineAmong, failedIn, overRepeats, pooled, type Series, seriesOf } from "../results/series.js";
import { type Estimate, estimate, intervalOf, MIN_RUNS_AS_UNITS, ratioOf, verdictOf } from "../results/statistics.js";
import { counted, digits, duration, factor, NONE, percent } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** A line of the comparison. The interval beside a ratio holds with 95 % confidence. */
interface Contender {
  readonly series: Series;
  readonly throughput: Estimate | undefined;
  /** Throughput ÷ the baseline's; undefined for the baseline itself. */
  readonly ratio: Estimate | undefined;
  /** Nobody has a higher throughput, as far as the noise lets us tell. */
  readonly leads: boolean;
}

/** One table a size, with its verdict. Empty without runs. */
export function comparison(results: Pick<Results, "runs">): string {
  const allSeries = seriesOf(results);
  const sizes = [...new Set(allSeries.map((series) => series.requestSize))];
  return sizes.map((size) => sizeTable(allSeries.filter((series) => series.requestSize === size))).join("\n");
}

function sizeTable(allSeries: readonly Series[]): string {
  const [first] = allSeries;
  const baseline = baselineAmong(allSeries) ?? first;
  if (!baseline || !first) return "";
  const contenders = contend(allSeries, baseline);
  const title = `${counted(first.requestSize, "request")}, ${counted(first.runs.length, "run")} each`;
  const lines = [title, ...textTable(columns(baseline.label), contenders), "", verdict(contenders, baseline.label)];
  return `${lines.join("\n")}\n`;
}

function contend(allSeries: readonly Series[], baseline: Series): Contender[] {
  const base = throughputOf(baseline);
  const measured = allSeries.map((series) => ({ series, throughput: throughputOf(series) }));
  const best = measured
    .map(({ throughput }) => throughput)
    .reduce((a, b) => (b && (!a || b.value > a.value) ? b : a), undefined);
  return measured.map(({ series, throughput }) => ({
    series,
    throughput,
    ratio: series === baseline || !throughput || !base ? undefined : ratioOf(throughput, base),
    leads: throughput !== undefined && best !== undefined && !fallsBehind(throughput, best, series.runs.length),
  }));
}

function fallsBehind(throughput: Estimate, best: Estimate, runs: number): boolean {
  if (throughput.value === best.value) return false;
  return runs < MIN_RUNS_AS_UNITS || verdictOf(ratioOf(throughput, best)) !== "noise";
}

/** Each repeat is a sample: mean tokens per second. */
function throughputOf({ runs }: Series): Estimate | undefined {
  const values = runs.map((run) => run.summary.tokensPerSec).filter((value) => value > 0);
  return estimate(
    values.map((value) => [value]),
    { kind: "mean" },
  );
}

function columns(baseline: string): Column<Contender>[] {
  const right = (title: string, value: (row: Contender) => string): Column<Contender> => ({
    title,
    align: "right",
    value,
  });
  const latency = (row: Contender) => pooled(row.series, latencyMs);
  return [
    { title: "  scheduler", align: "left", value: (row) => `${row.leads ? "★" : " "} ${row.series.label}` },
    right("req/s", (row) => digits(overRepeats(row.series, ({ summary }) => summary.requestsPerSec)?.median)),
    right("tokens/s", (row) => digits(row.throughput?.value)),
    right(`vs ${baseline}`, (row) => withInterval(row.ratio)),
    right("p50", (row) => duration(latency(row)?.p50)),
    right("p95", (row) => duration(latency(row)?.p95)),
    right("p99", (row) => duration(latency(row)?.p99)),
    right("first token p50", (row) => duration(pooled(row.series, ttftMs)?.p50)),
    right("batch", (row) => digits(overRepeats(row.series, ({ summary }) => summary.batchSizeMean)?.median)),
    right("padding", (row) => percent(paddingShare(row.series))),
    right("failed", (row) => String(failedIn(row.series))),
  ];
}

function paddingShare(series: Series): number | null {
  const efficiency = overRepeats(series, ({ summary }) => summary.batchEfficiency);
  return efficiency === null ? null : 1 - efficiency.median;
}

function withInterval(ratio: Estimate | undefined): string {
  if (!ratio) return NONE;
  const interval = ratio.degrees + 1 < MIN_RUNS_AS_UNITS ? undefined : intervalOf(ratio);
  const [low, high] = [interval?.low.toFixed(2), interval?.high.toFixed(2)];
  return low === undefined || low === high ? factor(ratio.value) : `${factor(ratio.value)} (${low}–${high})`;
}

/** One sentence that the data bear out: a lead inside the noise is called that. */
function verdict(contenders: readonly Contender[], baseline: string): string {
  const ranked = contenders
    .filter((row) => row.throughput !== undefined)
    .sort((a, b) => (b.throughput?.value ?? 0) - (a.throughput?.value ?? 0));
  const leaders = ranked.filter((row) => row.leads);
  const [first, second] = ranked;
  if (!first?.throughput) return "No request ended well, so there is nothing to compare.";
  const versus = first.ratio ? `, ${withInterval(first.ratio)} that of ${baseline}` : "";
  const best = `${digits(first.throughput.value)} tokens/s${versus}`;
  if (!second?.throughput) return `${first.series.label}: ${best}.`;
  if (leaders.length > 1) return `★ ${names(leaders)} lead with ${best}; they do not differ beyond the noise.`;
  const lead = percent(first.throughput.value / second.throughput.value - 1);
  const known =
    first.series.runs.length >= MIN_RUNS_AS_UNITS
      ? ""
      : "; fewer than three runs do not show how much of that is noise";
  return `★ ${first.series.label} has the highest throughput: ${best}; ${lead} more than ${second.series.label}${known}.`;
}

function names(rows: readonly Contender[]): string {
  const labels = rows.map((row) => row.series.label);
  return `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
}
