/** `runs.jsonl`: what a command has measured while it goes on. Its first line says what it is, each further one is a run. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Results, RunResult } from "./schema.js";

export const JOURNAL = "runs.jsonl";

/** What the command was, with all that its results hold besides the runs. */
export interface JournalHeader extends Omit<Results, "runs" | "settings"> {
  readonly command: string;
  /** Plain data. */
  readonly settings: Results["settings"];
}

export interface Journal {
  /** Undefined when the first line was cut short. */
  readonly header: JournalHeader | undefined;
  readonly runs: RunResult[];
}

const READ_AT_ONCE = 1 << 20;

/** The header's line. */
export function formatHeader(header: JournalHeader): string {
  return `${JSON.stringify(header)}\n`;
}

/** Undefined without a journal. Lines that were cut short are left out: those runs are made again. */
export function readJournal(folder: string): Journal | undefined {
  const file = join(folder, JOURNAL);
  if (!existsSync(file)) return undefined;
  const [first = "", ...lines] = readLines(file);
  return { header: wholeLine<JournalHeader>(first)[0], runs: lines.flatMap((line) => wholeLine<RunResult>(line)) };
}

/** The journal of an interrupted command as results; undefined when it holds no run. */
export function journaledResults(folder: string): unknown {
  const journal = readJournal(folder);
  if (!journal?.header || journal.runs.length === 0) return undefined;
  const { command: _, ...head } = journal.header;
  return { ...head, manifest: { ...head.manifest, interrupted: true }, runs: journal.runs };
}

/** A whole journal may be longer than a string can be, so it is read line by line. */
function readLines(file: string): string[] {
  const descriptor = openSync(file, "r");
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(READ_AT_ONCE);
  const lines: string[] = [];
  let pieces: string[] = [];
  try {
    for (;;) {
      const count = readSync(descriptor, buffer);
      if (count === 0) break;
      const [rest = "", ...more] = decoder.write(buffer.subarray(0, count)).split("\n");
      pieces.push(rest);
      for (const begun of more) {
        lines.push(pieces.join(""));
        pieces = [begun];
      }
    }
  } finally {
    closeSync(descriptor);
  }
  return [...lines, pieces.join("")];
}

function wholeLine<T>(line: string): T[] {
  if (line === "") return [];
  try {
    return [JSON.parse(line) as T];
  } catch {
    return [];
  }
}
