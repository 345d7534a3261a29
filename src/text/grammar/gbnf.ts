/** GBNF, llama.cpp's notation of grammars, read into a program. */
import { SluiceError } from "../../errors.js";
import { GrammarBuilder, GrammarTooLarge, type Node } from "./builder.js";
import { type CharRange, complement, LAST_CODE_POINT } from "./char-class.js";
import type { GrammarProgram } from "./program.js";

const MAX_NODES = 200_000;
const MAX_DEPTH = 200;
const MAX_REPEAT = 2 ** 30;

/**
 * Compiles a grammar that is written in GBNF; its rule `root` is what a text must match.
 *
 * @throws SluiceError `invalid_request` with the line at fault
 */
export function compileGbnf(source: string): GrammarProgram {
  const builder = new GrammarBuilder(MAX_NODES);
  try {
    const program = builder.finish(new GbnfReader(source, builder).read());
    if (program === "endless") throw fault("can never be completed: root needs itself");
    if (program === "left-recursive")
      throw fault("has a rule that begins with itself; let it begin with something else");
    return program;
  } catch (error) {
    if (error instanceof GrammarTooLarge) throw fault("is too large");
    throw error;
  }
}

class GbnfReader {
  readonly #rules = new Map<string, Node>();
  readonly #defined = new Set<string>();
  #at = 0;

  constructor(
    private readonly source: string,
    private readonly builder: GrammarBuilder,
  ) {}

  read(): Node {
    this.#space(true);
    while (this.#at < this.source.length) {
      const name = this.#name();
      this.#space(false);
      if (!this.#take("::=")) throw this.#wrong(`expected ::= after ${name}`);
      this.#space(true);
      this.builder.define(this.#rule(name), this.#choice(0));
      this.#defined.add(name);
      if (this.#at < this.source.length && !/[\r\n]/.test(this.source[this.#at]!))
        throw this.#wrong("expected a new line");
      this.#space(true);
    }
    const missing = ["root", ...this.#rules.keys()].find((name) => !this.#defined.has(name));
    if (missing !== undefined) throw fault(`has no rule named ${missing.slice(0, 50)}`);
    return this.#rule("root");
  }

  #rule(name: string): Node {
    let rule = this.#rules.get(name);
    if (rule === undefined) {
      rule = this.builder.rule();
      this.#rules.set(name, rule);
    }
    return rule;
  }

  #choice(depth: number): Node {
    if (depth > MAX_DEPTH) throw this.#wrong(`brackets are nested more than ${MAX_DEPTH} deep`);
    const options = [this.#sequence(depth)];
    while (this.#take("|")) {
      this.#space(true);
      options.push(this.#sequence(depth));
    }
    return this.builder.choice(...options);
  }

  #sequence(depth: number): Node {
    const parts: Node[] = [];
    for (;;) {
      const bounds = this.#repetition();
      if (bounds !== undefined) {
        const part = parts.pop();
        if (part === undefined) throw this.#wrong("a repetition follows nothing");
        parts.push(this.builder.repeat(part, ...bounds));
      } else {
        const part = this.#part(depth);
        if (part === undefined) return this.builder.sequence(...parts);
        parts.push(part);
      }
      this.#space(depth > 0);
    }
  }

  #part(depth: number): Node | undefined {
    const next = this.source[this.#at];
    if (next === '"') return this.#literal();
    if (next === "[") return this.#class();
    if (next === "." && this.#take(".")) return this.builder.chars([[0, LAST_CODE_POINT]]);
    if (next === "(" && this.#take("(")) {
      this.#space(true);
      const group = this.#choice(depth + 1);
      if (!this.#take(")")) throw this.#wrong("expected )");
      return group;
    }
    if (next === "<" || next === "!") throw this.#wrong("tokens (<…>) are not supported: write the text");
    return next !== undefined && /[a-zA-Z0-9-]/.test(next) ? this.#rule(this.#name()) : undefined;
  }

  #literal(): Node {
    this.#at++;
    let text = "";
    while (!this.#take('"')) text += String.fromCodePoint(this.#character());
    return this.builder.literal(text);
  }

  #class(): Node {
    this.#at++;
    const negated = this.#take("^");
    const ranges: CharRange[] = [];
    while (!this.#take("]")) {
      const first = this.#character();
      const isRange = this.source[this.#at] === "-" && this.source[this.#at + 1] !== "]";
      if (isRange) this.#at++;
      ranges.push([first, isRange ? this.#character() : first]);
    }
    return this.builder.chars(negated ? complement(ranges) : ranges);
  }

  #character(): number {
    const escaped = this.#match(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([trn\\"[\]-]))/y);
    if (escaped !== null) {
      const [, two, four, eight, letter] = escaped;
      if (letter !== undefined) return (ESCAPES[letter] ?? letter).codePointAt(0)!;
      const code = Number.parseInt((two ?? four ?? eight)!, 16);
      if (code > LAST_CODE_POINT) throw this.#wrong("a character beyond Unicode");
      return code;
    }
    const code = this.source.codePointAt(this.#at);
    if (code === undefined) throw this.#wrong("the grammar ends inside of a text or a set of characters");
    if (code === 0x5c) throw this.#wrong("an escape that GBNF does not have");
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #repetition(): [least: number, most?: number] | undefined {
    if (this.#take("*")) return [0];
    if (this.#take("+")) return [1];
    if (this.#take("?")) return [0, 1];
    if (this.source[this.#at] !== "{") return undefined;
    const bounds = this.#match(/\{\s*(\d+)\s*(?:(,)\s*(\d+)?\s*)?\}/y);
    if (bounds === null) throw this.#wrong("expected {m}, {m,} or {m,n}");
    const least = Number(bounds[1]);
    const most = bounds[2] === undefined ? least : bounds[3] === undefined ? undefined : Number(bounds[3]);
    if (Math.max(least, most ?? 0) > MAX_REPEAT) throw this.#wrong(`more than ${MAX_REPEAT} repetitions`);
    if (most !== undefined && most < least) throw this.#wrong("a repetition whose end is below its beginning");
    return most === undefined ? [least] : [least, most];
  }

  #name(): string {
    const name = this.#match(/[a-zA-Z0-9-]+/y);
    if (name === null) throw this.#wrong("expected a rule's name");
    return name[0];
  }

  /** Skips blanks and comments; over line ends only where a rule cannot end. */
  #space(newlines: boolean): void {
    this.#match(newlines ? /(?:[ \t\r\n]+|#[^\r\n]*)*/y : /(?:[ \t]+|#[^\r\n]*)*/y);
  }

  #take(text: string): boolean {
    if (!this.source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.source);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #wrong(what: string): SluiceError {
    return fault(`does not parse as GBNF: line ${this.source.slice(0, this.#at).split("\n").length}: ${what}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

function fault(what: string): SluiceError {
  return new SluiceError("invalid_request", `grammar ${what}.`, { field: "grammar" });
}
