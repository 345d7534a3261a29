/**
 * Jinja's lexer with `trim_blocks` and `lstrip_blocks`, as Python's jinja2 has it: what whitespace around tags is kept
 * decides where a chat template puts its line breaks.
 */
import { TemplateError } from "./errors.js";
import { trimEnd } from "./strings.js";

export type TokenType =
  | "data"
  | "variable_begin"
  | "variable_end"
  | "block_begin"
  | "block_end"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "operator"
  | "end";

export interface Token {
  readonly type: TokenType;
  readonly value: string;
  readonly line: number;
}

const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/y;
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const STRING = /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const SPACE = /\s+/y;
const OPENING = /\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})|\{([%{#])([-+]?)/g;
const RAW_END = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/g;
const COMMENT_END = /\+#\}|-#\}\s*|#\}\n?/g;
const BLOCK_END = /\+%\}|-%\}\s*|%\}\n?/y;
const VARIABLE_END = /-\}\}\s*|\}\}/y;
const CLOSING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** @throws TemplateError with the line */
export function tokenize(template: string): Token[] {
  return new Lexer(template).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  /** Up to where lines were counted, and how many. */
  #counted = 0;
  #line = 1;
  #lineStarting = true;

  constructor(template: string) {
    // Line ends of every system are one, and one at the end of a template is no part of it.
    this.#source = template.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#data();
    this.#push("end", "");
    return this.#tokens;
  }

  /** Text up to the next tag, and the tag. */
  #data(): void {
    const opening = find(OPENING, this.#source, this.#at);
    if (opening === undefined) {
      this.#push("data", this.#source.slice(this.#at));
      this.#at = this.#source.length;
      return;
    }
    const [whole, rawSign, kind, otherSign] = opening;
    const text = this.#source.slice(this.#at, opening.index);
    const data = this.#stripBefore(text, rawSign ?? otherSign ?? "", kind !== "{");
    if (data !== "") this.#push("data", data);
    this.#moveTo(opening.index + whole.length);
    if (kind === undefined) this.#raw();
    else if (kind === "#") this.#comment();
    else this.#tag(kind === "%" ? "block" : "variable");
  }

  #stripBefore(text: string, sign: string, isBlock: boolean): string {
    if (sign === "-") return trimEnd(text);
    if (sign === "+" || !isBlock) return text;
    const lineStart = text.lastIndexOf("\n") + 1;
    const aloneOnLine = (lineStart > 0 || this.#lineStarting) && /^\s+$/.test(text.slice(lineStart));
    return aloneOnLine ? text.slice(0, lineStart) : text;
  }

  #raw(): void {
    const end = find(RAW_END, this.#source, this.#at);
    if (end === undefined) throw new TemplateError("the tag raw is not ended by endraw", this.#lineHere());
    const data = this.#stripBefore(this.#source.slice(this.#at, end.index), end[1] ?? "", true);
    if (data !== "") this.#push("data", data);
    this.#moveTo(end.index + end[0].length);
  }

  #comment(): void {
    const end = find(COMMENT_END, this.#source, this.#at);
    if (end === undefined) throw new TemplateError("a comment is not ended by #}", this.#lineHere());
    this.#moveTo(end.index + end[0].length);
  }

  #tag(kind: "block" | "variable"): void {
    this.#push(`${kind}_begin`, "");
    const endOfTag = kind === "block" ? BLOCK_END : VARIABLE_END;
    const open: string[] = [];
    while (true) {
      if (this.#at >= this.#source.length)
        throw new TemplateError(`a tag is not ended by ${kind === "block" ? "%}" : "}}"}`, this.#lineHere());
      const end = open.length === 0 ? match(endOfTag, this.#source, this.#at) : undefined;
      if (end !== undefined) {
        this.#push(`${kind}_end`, "");
        this.#moveTo(this.#at + end.length);
        return;
      }
      this.#word(open);
    }
  }

  #word(open: string[]): void {
    const take = (pattern: RegExp, type: TokenType | undefined): string | undefined => {
      const value = match(pattern, this.#source, this.#at);
      if (value === undefined) return undefined;
      if (type !== undefined) this.#push(type, value);
      this.#moveTo(this.#at + value.length);
      return value;
    };
    if (take(SPACE, undefined) !== undefined) return;
    // "loop.0.x" is no number with a point.
    const afterPoint = this.#source[this.#at - 1] === ".";
    if (!afterPoint && take(FLOAT, "float") !== undefined) return;
    if (take(INTEGER, "integer") ?? take(NAME, "name") ?? take(STRING, "string")) return;
    const operator = take(OPERATOR, "operator");
    if (operator === undefined) {
      const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
      throw new TemplateError(`the character ${JSON.stringify(character)} is out of place`, this.#lineHere());
    }
    if ("([{".includes(operator)) open.push(operator);
    const partner = CLOSING[operator];
    if (partner !== undefined && open.pop() !== partner)
      throw new TemplateError(`"${operator}" closes nothing`, this.#lineHere());
  }

  #moveTo(position: number): void {
    this.#lineStarting = this.#source[position - 1] === "\n";
    this.#at = position;
  }

  #push(type: TokenType, value: string): void {
    this.#tokens.push({ type, value, line: this.#lineHere() });
  }

  #lineHere(): number {
    for (; this.#counted < this.#at; this.#counted++) if (this.#source[this.#counted] === "\n") this.#line++;
    return this.#line;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function find(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text) ?? undefined;
}
