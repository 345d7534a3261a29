/** The CSV files of a results folder, for people with a spreadsheet or pandas. Times are in seconds. */
import type { Distribution } from "../metrics/quantile.js";
import { latencyMs, processingMs, queueMs, ttftMs } from "../metrics/request.js";
import type { RequestRecord, RunResult } from "./schema.js";
import type { Spread } from "./series-metrics.js";

type Cell = string | number | null;

/** RFC 4180: a cell with a comma, quote or line break is quoted. */
function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function cell(value: Cell): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Milliseconds as seconds; null stays an empty cell. */
function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : rounded(ms / 1000);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

const SUMMARY_COLUMNS: readonly (readonly [string, (run: RunResult) => Cell])[] = [
  ["scheduler", (run) => run.label],
  ["load", (run) => run.load],
  ["request_size", (run) => run.requestSize],
  ["run_num", (run) => run.run],
  ["total_requests", (run) => run.summary.requests],
  ["successful", (run) => run.summary.ok],
  ["failed", (run) => run.summary.requests - run.summary.ok],
  ["wall_time_s", (run) => seconds(run.summary.durationMs)],
  ["throughput_req_per_sec", (run) => rounded(run.summary.requestsPerSec)],
  ["throughput_tokens_per_sec", (run) => rounded(run.summary.tokensPerSec)],
  ...percentiles("latency", ["p50", "p95", "p99"], (run) => run.summary.latencyMs),
  ["latency_avg_s", (run) => seconds(run.summary.latencyMs?.mean)],
  ["latency_min_s", (run) => seconds(run.summary.latencyMs?.min)],
  ["latency_max_s", (run) => seconds(run.summary.latencyMs?.max)],
  ...percentiles("ttft", ["p50", "p95", "p99"], (run) => run.summary.ttftMs),
  ...percentiles("tpot", ["p50", "p95"], (run) => run.summary.tpotMs),
  ...percentiles("queue", ["p50", "p95"], (run) => run.summary.queueMs),
  ["batches", (run) => run.summary.batches],
  ["batch_size_mean", (run) => rounded(run.summary.batchSizeMean)],
  ["batch_efficiency", (run) => rounded(run.summary.batchEfficiency)],
  ["padding_tokens", (run) => run.summary.paddingTokens],
];

function percentiles(
  name: string,
  ranks: readonly ("p50" | "p95" | "p99")[],
  of: (run: RunResult) => Distribution | null,
): (readonly [string, (run: RunResult) => Cell])[] {
  return ranks.map((rank) => [`${name}_${rank}_s`, (run) => seconds(of(run)?.[rank])] as const);
}

/** `benchmark_summaries.csv`: a row per scheduler × size × run. */
export function summariesCsv(runs: readonly RunResult[]): string {
  const header = SUMMARY_COLUMNS.map(([name]) => name);
  return csv([header, ...runs.map((run) => SUMMARY_COLUMNS.map(([, value]) => value(run)))]);
}

/** Which run a request belongs to. */
export type RunPlace = Pick<RunResult, "label" | "load" | "requestSize" | "run">;

const DETAIL_COLUMNS: readonly (readonly [string, (record: RequestRecord, run: RunPlace) => Cell])[] = [
  ["scheduler", (_, run) => run.label],
  ["load", (_, run) => run.load],
  ["request_size", (_, run) => run.requestSize],
  ["run_num", (_, run) => run.run],
  ["seq", (record) => record.seq],
  ["status", (record) => record.status],
  ["batch_num", (record) => record.batch],
  ["batch_size", (record) => record.batchSize],
  ["input_tokens", (record) => record.inputTokens],
  ["output_tokens", (record) => record.outputTokens],
  ["total_tokens", (record) => record.inputTokens + record.outputTokens],
  ["arrival_s", (record) => seconds(record.dispatchedMs)],
  ["latency", (record) => seconds(latencyMs(record))],
  ["ttft", (record) => seconds(ttftMs(record))],
  ["waiting_time", (record) => seconds(queueMs(record))],
  ["processing_time", (record) => seconds(processingMs(record))],
  ["tokens_per_sec", (record) => tokensPerSec(record)],
  ["prompt", (record) => oneLine(record.prompt)],
  ["output_prompt", (record) => oneLine(record.output)],
  ["error", (record) => (record.error === null ? "" : oneLine(record.error))],
  ["priority", (record) => record.priority],
  ["user", (record) => record.user],
  ["deadline_s", (record) => seconds(record.timeoutMs)],
];

/** The first line of `benchmark_detailed_metrics.csv`, which has a row per request. */
export const DETAILS_HEADER = csv([DETAIL_COLUMNS.map(([name]) => name)]);

export function detailsRow(record: RequestRecord, run: RunPlace): string {
  return csv([DETAIL_COLUMNS.map(([, value]) => value(record, run))]);
}

function tokensPerSec(record: RequestRecord): number | null {
  const latency = latencyMs(record);
  return latency === null || latency === 0 ? null : rounded((record.outputTokens / latency) * 1000);
}

/** Most texts are one already, and telling is quicker than making. */
function oneLine(text: string): string {
  return (/\s\s|[^\S ]/.test(text) ? text.replace(/\s+/g, " ") : text).trim();
}

/** Rows of a table whose figures have a spread. Empty cells where a variant has no figure. */
export function spreadCsv(
  keys: readonly string[],
  figures: readonly string[],
  rows: readonly { readonly keys: readonly Cell[]; readonly figures: readonly (Spread | undefined)[] }[],
): string {
  const header = [...keys, ...figures, ...figures.flatMap((name) => [`${name}_min`, `${name}_max`])];
  const body = rows.map((row) => [
    ...row.keys,
    ...row.figures.map((figure) => rounded(figure?.value ?? null)),
    ...row.figures.flatMap((figure) => [rounded(figure?.low ?? null), rounded(figure?.high ?? null)]),
  ]);
  return csv([header, ...body]);
}
