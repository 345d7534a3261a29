/** The comparison at the end of a bench: who wins, and by how much. */
import { groupRuns, pooled, type RunGroup, spreadOf } from "../bench/groups.js";
import { latencyMs, ttftMs } from "../bench/request-metrics.js";
import type { RunResult } from "../bench/results.js";
import { type Estimate, estimate, intervalOf, ratioOf, verdictOf } from "../bench/statistics.js";
import { counted, digits, duration, factor, NONE, percent } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** A line of the comparison. The interval beside a ratio holds with 95 % confidence. */
interface Contender {
  readonly group: RunGroup;
  readonly throughput: Estimate | undefined;
  /** Throughput ÷ the baseline's; undefined for the baseline itself. */
  readonly ratio: Estimate | undefined;
  /** Nobody has a higher throughput, as far as the noise lets us tell. */
  readonly leads: boolean;
}

/** Two runs say so little about noise that an interval from them would span everything. */
const MIN_RUNS_FOR_INTERVAL = 3;

/** One table a size, with its verdict. Empty without runs. */
export function comparison(runs: readonly RunResult[]): string {
  const groups = groupRuns(runs);
  const sizes = [...new Set(groups.map((group) => group.requestSize))];
  return sizes.map((size) => sizeTable(groups.filter((group) => group.requestSize === size))).join("\n");
}

/** What the others are held against: the un-batched run, else the first. */
export function baselineOf(groups: readonly RunGroup[]): RunGroup | undefined {
  return (
    groups.find((group) => group.runs[0]?.baseline) ?? groups.find((group) => group.label === "sequential") ?? groups[0]
  );
}

function sizeTable(groups: readonly RunGroup[]): string {
  const baseline = baselineOf(groups);
  const first = groups[0];
  if (!baseline || !first) return "";
  const contenders = contend(groups, baseline);
  const title = `${counted(first.requestSize, "request")}, ${counted(first.runs.length, "run")} each`;
  const lines = [title, ...textTable(columns(baseline.label), contenders), "", verdict(contenders, baseline.label)];
  return `${lines.join("\n")}\n`;
}

function contend(groups: readonly RunGroup[], baseline: RunGroup): Contender[] {
  const base = throughputOf(baseline);
  const measured = groups.map((group) => ({ group, throughput: throughputOf(group) }));
  const best = measured
    .map(({ throughput }) => throughput)
    .reduce((a, b) => (b && (!a || b.value > a.value) ? b : a), undefined);
  return measured.map(({ group, throughput }) => ({
    group,
    throughput,
    ratio: group === baseline || !throughput || !base ? undefined : ratioOf(throughput, base),
    leads: throughput !== undefined && best !== undefined && !fallsBehind(throughput, best, group.runs.length),
  }));
}

function fallsBehind(throughput: Estimate, best: Estimate, runs: number): boolean {
  if (throughput.value === best.value) return false;
  return runs < MIN_RUNS_FOR_INTERVAL || verdictOf(ratioOf(throughput, best)) !== "noise";
}

/** Each repeat is a sample: mean tokens per second. */
function throughputOf(group: RunGroup): Estimate | undefined {
  const values = group.runs.map((run) => run.summary.tokensPerSec).filter((value) => value > 0);
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
  const latency = (row: Contender) => pooled(row.group, latencyMs);
  return [
    { title: "  scheduler", align: "left", value: (row) => `${row.leads ? "★" : " "} ${row.group.label}` },
    right("req/s", (row) => digits(spreadOf(row.group, (summary) => summary.requestsPerSec)?.median)),
    right("tokens/s", (row) => digits(row.throughput?.value)),
    right(`vs ${baseline}`, (row) => withInterval(row.ratio)),
    right("p50", (row) => duration(latency(row)?.p50)),
    right("p95", (row) => duration(latency(row)?.p95)),
    right("p99", (row) => duration(latency(row)?.p99)),
    right("first token p50", (row) => duration(pooled(row.group, ttftMs)?.p50)),
    right("batch", (row) => digits(spreadOf(row.group, (summary) => summary.batchSizeMean)?.median)),
    right("padding", (row) => percent(paddingShare(row.group))),
    right("failed", (row) =>
      String(row.group.runs.reduce((sum, run) => sum + run.summary.requests - run.summary.ok, 0)),
    ),
  ];
}

function paddingShare(group: RunGroup): number | null {
  const efficiency = spreadOf(group, (summary) => summary.batchEfficiency);
  return efficiency === null ? null : 1 - efficiency.median;
}

function withInterval(ratio: Estimate | undefined): string {
  if (!ratio) return NONE;
  const interval = ratio.degrees + 1 < MIN_RUNS_FOR_INTERVAL ? undefined : intervalOf(ratio);
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
  if (!second?.throughput) return `${first.group.label}: ${best}.`;
  if (leaders.length > 1) return `★ ${names(leaders)} lead with ${best}; they do not differ beyond the noise.`;
  const lead = percent(first.throughput.value / second.throughput.value - 1);
  const known =
    first.group.runs.length >= MIN_RUNS_FOR_INTERVAL
      ? ""
      : "; fewer than three runs do not show how much of that is noise";
  return `★ ${first.group.label} has the highest throughput: ${best}; ${lead} more than ${second.group.label}${known}.`;
}

function names(rows: readonly Contender[]): string {
  const labels = rows.map((row) => row.group.label);
  return `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
}
