/** JSON as files have it, value by value: one a line, or the entries of one long list. */
import { SluiceError } from "../errors.js";
import { type Located, lineEnds, linesOf } from "./text-file.js";

/** The value of every line; empty lines are skipped. @throws SluiceError `usage` with the line */
export function* jsonLines(chunks: Iterable<string>, file: string): Generator<Located<unknown>> {
  for (const { line, value } of linesOf(chunks)) {
    if (value.trim() !== "") yield { line, value: parsed(value, file, line) };
  }
}

/** The entries of a JSON text whose top is a list. @throws SluiceError `usage` with the line */
export function* jsonEntries(chunks: Iterable<string>, file: string): Generator<Located<unknown>> {
  const splitter = new ListSplitter(file);
  for (const chunk of chunks) yield* splitter.take(chunk);
  splitter.end();
}

/** Whether a text is one JSON object. */
export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [0x22, 0x5c, 0x2c, 0x0a];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Cuts a list at the commas of its own level, so that no more than an entry need be held. */
class ListSplitter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #entry = "";
  #entries = 0;
  #line = 1;
  #entryLine = 1;
  #ended = false;

  constructor(private readonly file: string) {}

  *take(chunk: string): Generator<Located<unknown>> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (code === NEWLINE) this.#line++;
      if (this.#inString) this.#insideString(code);
      else if (code === QUOTE) this.#inString = true;
      else if (OPENING.has(code)) {
        if (this.#depth++ === 0) from = this.#open(at);
      } else if (CLOSING.has(code) || code === COMMA) {
        const last = code !== COMMA && --this.#depth === 0;
        if (!last && !(code === COMMA && this.#depth === 1)) continue;
        yield* this.#complete(chunk.slice(from, at), last);
        from = at + 1;
      } else if (this.#depth === 0 && !BLANKS.has(code)) throw this.#wrong("the text must be one JSON list");
    }
    if (this.#depth > 0) this.#entry += chunk.slice(from);
  }

  end(): void {
    if (!this.#ended) throw this.#wrong("not JSON: the text ends in the middle of the list");
  }

  #insideString(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = false;
  }

  #open(at: number): number {
    if (this.#ended) throw this.#wrong("not JSON: there is more after the list");
    this.#entryLine = this.#line;
    return at + 1;
  }

  *#complete(piece: string, last: boolean): Generator<Located<unknown>> {
    const text = this.#entry + piece;
    const firstLine = this.#entryLine;
    this.#entry = "";
    this.#entryLine = this.#line;
    this.#ended = last;
    if (last && this.#entries === 0 && text.trim() === "") return;
    this.#entries++;
    const blanks = text.slice(0, text.length - text.trimStart().length);
    yield { line: firstLine + lineEnds(blanks), value: parsed(text, this.file, firstLine) };
  }

  #wrong(reason: string): SluiceError {
    return new SluiceError("usage", `${this.file}:${this.#line}: ${reason}`);
  }
}

/** @param line on which the text begins */
function parsed(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const { message } = cause as Error;
    // V8 names the position ("… at position 17 …") unless the text just ends.
    const position = /position (\d+)/.exec(message)?.[1];
    const at = line + lineEnds(text.slice(0, position === undefined ? text.length : Number(position)));
    throw new SluiceError("usage", `${file}:${at}: not JSON: ${message}`, { cause });
  }
}
