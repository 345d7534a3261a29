/** Tables as text (CSV and its kin, RFC 4180): quoted cells may hold delimiters, doubled quotes and line ends. */
import type { Located } from "./text-file.js";

const DELIMITERS = [",", ";", "\t", "|"] as const;

/** The delimiter that cuts the first line into most cells. */
export function delimiterOf(head: string): string {
  const line = (head.split("\n", 1)[0] ?? "").replace(/"[^"]*"/g, "");
  const cells = (delimiter: string) => line.split(delimiter).length;
  return DELIMITERS.reduce<string>((best, delimiter) => (cells(delimiter) > cells(best) ? delimiter : best), ",");
}

/** The rows of a table, the header too; lines without anything are skipped. */
export function* tableRows(chunks: Iterable<string>, delimiter: string): Generator<Located<string[]>> {
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  let quoteBefore = false;
  let line = 1;
  let rowLine = 1;
  const row = (): Located<string[]> | undefined => {
    const value = [...cells, cell.replaceAll("\r\n", "\n").replace(/\r$/, "")];
    cells = [];
    cell = "";
    return value.length === 1 && value[0]!.trim() === "" ? undefined : { line: rowLine, value };
  };
  for (const chunk of chunks) {
    for (const letter of chunk) {
      if (letter === '"') {
        // A quote after the one that closed a cell stands for itself.
        if (!quoted && quoteBefore) cell += '"';
        if (quoted || cell.trim() === "" || quoteBefore) quoted = !quoted;
        else cell += '"';
        quoteBefore = !quoted;
        continue;
      }
      quoteBefore = false;
      if (letter === "\n") line++;
      if (quoted || (letter !== delimiter && letter !== "\n")) cell += letter;
      else if (letter === delimiter) {
        cells.push(cell);
        cell = "";
      } else {
        const complete = row();
        rowLine = line;
        if (complete) yield complete;
      }
    }
  }
  const last = row();
  if (last) yield last;
}
