/**
 * Traces of real traffic, read as they are published:
 * - Azure LLM inference (2023, 2024): CSV with TIMESTAMP, ContextTokens, GeneratedTokens;
 * - BurstGPT: CSV with Timestamp (seconds), Request tokens, Response tokens; rows without a response failed and are skipped;
 * - Mooncake: JSONL with timestamp (ms), input_length, output_length and hash_ids, one per 512 tokens of prompt;
 * - ShareGPT: JSON list of conversations; it has no times and is read as prompts (see prompts.ts).
 */
import { SluiceError } from "../errors.js";
import { parseJsonLines, readText } from "./prompts.js";

export interface TraceEntry {
  /** From the first entry on. */
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Ids of the prompt's blocks: prompts with the same leading ids begin with the same text. */
  readonly blocks: readonly number[];
}

/** Tokens per hash id in Mooncake's traces. */
export const MOONCAKE_BLOCK_TOKENS = 512;

/**
 * Reads a trace; the format is told by its first line. Entries are sorted by time.
 *
 * @throws SluiceError `usage`: names the file and the line that is wrong
 */
export function loadTrace(file: string): TraceEntry[] {
  const text = readText(file, "--arrival trace");
  const entries = parseTrace(text, file).sort((a, b) => a.atMs - b.atMs);
  const first = entries[0];
  if (!first) throw new SluiceError("usage", `${file}: the trace has no requests`);
  return entries.map((entry) => ({ ...entry, atMs: entry.atMs - first.atMs }));
}

function parseTrace(text: string, file: string): TraceEntry[] {
  const start = text.trimStart();
  if (start.startsWith("{")) return parseMooncake(text, file);
  const header = (text.split(/\r?\n/, 1)[0] ?? "").split(",").map((name) => name.trim());
  if (header.includes("ContextTokens")) {
    return parseCsv(text, file, header, "TIMESTAMP", "ContextTokens", "GeneratedTokens", dateMs);
  }
  if (header.includes("Request tokens")) {
    return parseCsv(text, file, header, "Timestamp", "Request tokens", "Response tokens", secondsMs).filter(
      (entry) => entry.outputTokens > 0,
    );
  }
  const hint = start.startsWith("[")
    ? "a JSON list has no times: give it to --prompts and choose --arrival and --rate"
    : "known are Azure LLM inference CSV, BurstGPT CSV and Mooncake JSONL";
  throw new SluiceError("usage", `${file}:1: this is no trace that Sluice can read; ${hint}`);
}

function parseCsv(
  text: string,
  file: string,
  header: readonly string[],
  timeColumn: string,
  inputColumn: string,
  outputColumn: string,
  toMs: (text: string) => number,
): TraceEntry[] {
  const columns = [timeColumn, inputColumn, outputColumn].map((name) => {
    const index = header.indexOf(name);
    if (index < 0) throw new SluiceError("usage", `${file}:1: the column "${name}" is missing`);
    return index;
  });
  const entries: TraceEntry[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (index === 0 || line.trim() === "") return;
    const cells = line.split(",");
    const [time = "", input = "", output = ""] = columns.map((column) => cells[column]?.trim() ?? "");
    entries.push({
      atMs: checked(toMs(time), `${timeColumn} must be a time`, time, file, index + 1),
      inputTokens: whole(input, inputColumn, file, index + 1),
      outputTokens: whole(output, outputColumn, file, index + 1),
      blocks: [],
    });
  });
  return entries;
}

function parseMooncake(text: string, file: string): TraceEntry[] {
  return parseJsonLines(text, file).map(({ line, value }) => {
    const entry = value as { timestamp?: unknown; input_length?: unknown; output_length?: unknown; hash_ids?: unknown };
    const blocks = Array.isArray(entry.hash_ids) ? entry.hash_ids : [];
    return {
      atMs: checked(Number(entry.timestamp), "timestamp must be milliseconds", String(entry.timestamp), file, line),
      inputTokens: whole(String(entry.input_length), "input_length", file, line),
      outputTokens: whole(String(entry.output_length), "output_length", file, line),
      blocks: blocks.map((block) => whole(String(block), "hash_ids", file, line)),
    };
  });
}

/** Azure writes UTC, with seven digits of a second and, in 2024, an offset; dates without one are read as UTC too. */
function dateMs(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (!match) return Number.NaN;
  return Date.parse(`${match[1]}T${match[2]}${match[4] ?? "Z"}`) + Number(match[3] ?? 0) * 1000;
}

function secondsMs(text: string): number {
  return text === "" ? Number.NaN : Number(text) * 1000;
}

function whole(text: string, column: string, file: string, line: number): number {
  const value = /^\d+(\.0+)?$/.test(text) ? Number(text) : Number.NaN;
  return checked(value, `${column} must be a whole number of at least 0`, text, file, line);
}

function checked(value: number, rule: string, text: string, file: string, line: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new SluiceError("usage", `${file}:${line}: ${rule}, got "${text}"`);
}
