/**
 * Prompts from a file. What is in it is told by the content, the name helps: a prompt a line, a JSON value a line (JSONL,
 * NDJSON), a JSON list, or a table with a header (CSV). `prompt-entry.ts` says what an entry may look like.
 */
import { SluiceError } from "../errors.js";
import { isJsonObject, jsonEntries, jsonLines } from "./json-text.js";
import { isPromptColumn, type Prompt, promptOf } from "./prompt-entry.js";
import { delimiterOf, tableRows } from "./table-text.js";
import { type Located, linesOf, openText, type TextFile } from "./text-file.js";

/** What a reader of files has to say that is no error. */
export type Note = (text: string) => void;

/**
 * Reads prompts. Entries of conversations without a human turn, as published files have them, are left out and counted.
 *
 * @param note is told how many were left out
 * @throws SluiceError `usage`: names the file, and the line that is wrong
 */
export function loadPrompts(name: string, note: Note): Prompt[] {
  const file = openText(name, "--prompts");
  const prompts: Prompt[] = [];
  let leftOut = 0;
  for (const { line, value } of entriesOf(file)) {
    const prompt = promptOf(value, `${name}:${line}`);
    if (prompt) prompts.push(prompt);
    else leftOut++;
  }
  if (prompts.length === 0) throw new SluiceError("usage", `${name} holds no prompts`, { field: "prompts" });
  if (leftOut > 0) note(`${name}: ${leftOut} of ${prompts.length + leftOut} entries have no prompt and are left out`);
  return prompts;
}

function entriesOf(file: TextFile): Iterable<Located<unknown>> {
  const { name, extension, head, chunks } = file;
  const start = head.trimStart();
  const firstLine = start.split("\n", 1)[0] ?? "";
  if (extension === ".jsonl" || extension === ".ndjson") return jsonLines(chunks, name);
  if (extension === ".json") return start.startsWith("{") ? jsonLines(chunks, name) : jsonEntries(chunks, name);
  if (extension === ".csv" || extension === ".tsv") return tableEntries(file);
  if (isJsonObject(firstLine)) return jsonLines(chunks, name);
  if (/^\[\s*[{"]/.test(start) && !isTextInBrackets(firstLine)) return jsonEntries(chunks, name);
  return looksLikeTable(firstLine) ? tableEntries(file) : promptLines(chunks);
}

function* promptLines(chunks: Iterable<string>): Generator<Located<string>> {
  for (const { line, value } of linesOf(chunks)) if (value.trim() !== "") yield { line, value };
}

/** A line such as `["Yes" or "No"] …` is a prompt; a list's first line ends with the list or inside it. */
function isTextInBrackets(line: string): boolean {
  return !/[[{,\]"]\s*$/.test(line);
}

function looksLikeTable(line: string): boolean {
  const cells = line.split(delimiterOf(line)).map(bare);
  return cells.length > 1 && cells.every((cell) => /^[\w .-]*$/.test(cell)) && cells.some(isPromptColumn);
}

/** The rows of a table as objects by its header. A table of one column that has no known name has no header. */
function* tableEntries({ name, head, chunks }: TextFile): Generator<Located<unknown>> {
  let header: readonly string[] | undefined;
  for (const { line, value } of tableRows(chunks, delimiterOf(head))) {
    if (header === undefined) {
      header = value.map(bare);
      if (header.some(isPromptColumn)) continue;
      if (header.length > 1) {
        const message = `${name}:${line}: no column is called prompt, text, instruction, question or messages; there are ${header.join(", ")}`;
        throw new SluiceError("usage", message, { field: "prompts" });
      }
      header = ["prompt"];
    }
    yield { line, value: Object.fromEntries(header.map((column, index) => [column, value[index] ?? ""])) };
  }
}

function bare(cell: string): string {
  return cell.replaceAll('"', "").trim();
}
