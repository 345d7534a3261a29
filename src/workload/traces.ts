/**
 * Traces of real traffic, read as they are published and as spreadsheets and pandas save them again:
 * - tables (CSV) with a column of times and columns of prompt and output tokens under the names of Azure's LLM inference
 *   traces (2023, 2024, multimodal), BurstGPT or Vidur; rows without a number of tokens, or without an answer, are left out;
 * - Mooncake: JSONL with timestamp (ms), input_length, output_length and hash_ids (one per 512 tokens of prompt), or with
 *   the text itself (text_input, messages);
 * - ShareGPT has no times and is read as prompts (see prompts.ts).
 */
import { SluiceError } from "../errors.js";
import { type RequestClass, statedClass } from "./classes.js";
import { jsonLines } from "./json-text.js";
import { promptOf } from "./prompt-entry.js";
import type { Note } from "./prompts.js";
import { delimiterOf, tableRows } from "./table-text.js";
import { openText, type TextFile } from "./text-file.js";
import { readTime, resolveTimes, type TraceTime } from "./trace-times.js";

export interface TraceEntry {
  /** From the first entry on. */
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Ids of the prompt's blocks: prompts with the same leading ids begin with the same text. */
  readonly blocks: readonly number[];
  /** The prompt itself where the trace has it; else words are made up for its tokens. */
  readonly text?: string;
  /** Its priority, user and deadline, where the entry has them. */
  readonly stated?: RequestClass;
}

/** Tokens per hash id in Mooncake's traces. */
export const MOONCAKE_BLOCK_TOKENS = 512;

/** No model's context holds more: what stands there is no number of tokens. */
const MAX_TOKENS = 2 ** 24;

/** Names of columns, without their case, blanks and underscores. */
const COLUMNS = {
  time: ["timestamp", "arrivedat", "arrivaltime", "datetime", "time"],
  input: ["contexttokens", "requesttokens", "inputtokens", "prompttokens", "numprefilltokens", "inputlength"],
  output: ["generatedtokens", "responsetokens", "outputtokens", "completiontokens", "numdecodetokens", "outputlength"],
} as const;

const MEANINGS = { time: "times", input: "prompt tokens", output: "output tokens" } as const;

const NO_BLOCKS: readonly number[] = [];

/** An entry whose time may still be ambiguous. */
type TimedEntry = Omit<TraceEntry, "atMs"> & { readonly time: TraceTime };

/**
 * Reads a trace; the format is told by its first line. Entries are sorted by time.
 *
 * @param note is told how many rows were left out
 * @throws SluiceError `usage`: names the file and the line that is wrong
 */
export function loadTrace(name: string, note: Note): TraceEntry[] {
  const file = openText(name, "--arrival trace");
  const start = file.head.trimStart();
  const entries = start.startsWith("{") ? mooncakeEntries(file) : tableEntries(file, note);
  const timesMs = resolveTimes(entries.map(({ time }) => time));
  if (timesMs.some(Number.isNaN)) {
    throw new SluiceError(
      "usage",
      `${name}: some dates begin with the day and others with the month; write them YYYY-MM-DD`,
    );
  }
  const timed = entries.map(({ time: _, ...entry }, index) => ({ ...entry, atMs: timesMs[index]! }));
  timed.sort((a, b) => a.atMs - b.atMs);
  const first = timed[0];
  if (!first) throw new SluiceError("usage", `${name}: the trace has no requests`);
  return timed.map((entry) => ({ ...entry, atMs: entry.atMs - first.atMs }));
}

function tableEntries({ name, head, chunks }: TextFile, note: Note): TimedEntry[] {
  let columns: Record<keyof typeof COLUMNS, number> | undefined;
  let header: readonly string[] = [];
  const entries: TimedEntry[] = [];
  let leftOut = 0;
  for (const { line, value } of tableRows(chunks, delimiterOf(head))) {
    if (columns === undefined) {
      columns = columnsOf(value, name, head);
      header = value.map((column) => column.trim());
      continue;
    }
    const [time = "", input = "", output = ""] = [columns.time, columns.input, columns.output].map((column) =>
      value[column]?.trim(),
    );
    if ([time, input, output].some(isMissing) || Number(output) === 0) leftOut++;
    else {
      entries.push({
        time: timeAt(readTime(time), time, name, line),
        inputTokens: tokensIn(input, "the number of prompt tokens", name, line),
        outputTokens: tokensIn(output, "the number of output tokens", name, line),
        blocks: NO_BLOCKS,
        ...statedIn(Object.fromEntries(header.map((column, index) => [column, value[index]])), `${name}:${line}`),
      });
    }
  }
  if (leftOut > 0) note(`${name}: ${leftOut} of ${entries.length + leftOut} rows have no answer and are left out`);
  return entries;
}

/** As pandas and spreadsheets write what is not there. */
function isMissing(cell: string): boolean {
  return /^(nan|null|none|na|n\/a)?$/i.test(cell);
}

function columnsOf(header: readonly string[], name: string, head: string): Record<keyof typeof COLUMNS, number> {
  const names = header.map((cell) => cell.toLowerCase().replace(/[\s_]/g, ""));
  const find = (known: readonly string[]) => names.findIndex((cell) => known.includes(cell));
  const found = { time: find(COLUMNS.time), input: find(COLUMNS.input), output: find(COLUMNS.output) };
  if (found.input < 0 && found.output < 0) {
    const hint = head.trimStart().startsWith("[")
      ? "a JSON list has no times: give it to --prompts and choose --arrival and --rate"
      : "known are Azure LLM inference CSV, BurstGPT CSV, Vidur CSV and Mooncake JSONL";
    throw new SluiceError("usage", `${name}:1: this is no trace that Sluice can read; ${hint}`);
  }
  const kinds = ["time", "input", "output"] as const;
  const missing = kinds.find((kind) => found[kind] < 0);
  if (missing === undefined) return found;
  const known = COLUMNS[missing].slice(0, 3).join(", ");
  const there = header.map((cell) => cell.trim()).join(", ");
  throw new SluiceError("usage", `${name}:1: no column of ${MEANINGS[missing]} (${known}); there are ${there}`);
}

function mooncakeEntries({ name, chunks }: TextFile): TimedEntry[] {
  const entries: TimedEntry[] = [];
  for (const { line, value } of jsonLines(chunks, name)) {
    const entry = value as Readonly<Record<string, unknown>>;
    const text = textOf(entry, `${name}:${line}`);
    const blocks = Array.isArray(entry.hash_ids) ? entry.hash_ids : NO_BLOCKS;
    entries.push({
      time: timeAt(Number(entry.timestamp ?? Number.NaN), entry.timestamp, name, line),
      inputTokens: text !== undefined ? 0 : tokensIn(entry.input_length, "input_length", name, line),
      outputTokens: tokensIn(entry.output_length, "output_length", name, line),
      blocks: blocks.map((block: unknown) => wholeIn(block, "hash_ids", name, line)),
      ...(text === undefined ? {} : { text }),
      ...statedIn(entry, `${name}:${line}`),
    });
  }
  return entries;
}

function statedIn(entry: Readonly<Record<string, unknown>>, where: string): Pick<TraceEntry, "stated"> {
  const stated = statedClass(entry, where);
  return stated ? { stated } : {};
}

function textOf(entry: Readonly<Record<string, unknown>>, where: string): string | undefined {
  if (typeof entry.text_input === "string" && entry.text_input !== "") return entry.text_input;
  return Array.isArray(entry.messages) ? promptOf({ messages: entry.messages }, where)?.text : undefined;
}

function timeAt(time: TraceTime, given: unknown, name: string, line: number): TraceTime {
  const readings = typeof time === "number" ? [time] : [time.dayFirstMs, time.monthFirstMs];
  if (readings.some(Number.isFinite)) return time;
  throw new SluiceError("usage", `${name}:${line}: timestamp must be a time, got ${JSON.stringify(given)}`);
}

function tokensIn(given: unknown, what: string, name: string, line: number): number {
  const value = wholeIn(given, what, name, line);
  if (value <= MAX_TOKENS) return value;
  const message = `${name}:${line}: ${what} is more than any context holds (${MAX_TOKENS}), got ${JSON.stringify(given)}`;
  throw new SluiceError("usage", message);
}

function wholeIn(given: unknown, what: string, name: string, line: number): number {
  if (/^\d+(\.0+)?$/.test(String(given))) return Number(given);
  const message = `${name}:${line}: ${what} must be a whole number of at least 0, got ${JSON.stringify(given)}`;
  throw new SluiceError("usage", message);
}
