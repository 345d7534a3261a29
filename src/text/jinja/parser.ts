/** The grammar of statements. */
import type { MacroBody, Parameter, Statement, Target } from "./ast.js";
import { TemplateError } from "./errors.js";
import { parseExpression, parseFilter, parseTuple } from "./expressions.js";
import { tokenize } from "./lexer.js";
import { TokenStream } from "./token-stream.js";

/** @throws TemplateError with the line of what is wrong */
export function parse(template: string): readonly Statement[] {
  try {
    return new Parser(new TokenStream(tokenize(template))).template();
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateError("it is nested too deeply");
    throw error;
  }
}

class Parser {
  #loops = 0;

  constructor(private readonly stream: TokenStream) {}

  template(): readonly Statement[] {
    const body = this.#body([]);
    if (!this.stream.is("end")) throw this.stream.unexpected("the template's end");
    return body;
  }

  /** Statements up to a tag of one of these names, which is left to the caller. */
  #body(ends: readonly string[]): Statement[] {
    const statements: Statement[] = [];
    while (!this.stream.is("end")) {
      const { line } = this.stream;
      if (this.stream.is("data")) {
        statements.push({ kind: "text", text: this.stream.next().value, line });
      } else if (this.stream.skip("variable_begin")) {
        statements.push({ kind: "print", value: parseTuple(this.stream), line });
        this.stream.expect("variable_end");
      } else {
        this.stream.expect("block_begin");
        if (this.stream.isName(...ends)) return statements;
        statements.push(this.#statement());
        this.stream.expect("block_end");
      }
    }
    if (ends.length > 0) throw new TemplateError(`the template ends before ${ends.join(" or ")}`, this.stream.line);
    return statements;
  }

  /** The body of a tag whose head was read, and its closing tag. */
  #blockUntil(end: string): Statement[] {
    this.stream.expect("block_end");
    const body = this.#body([end]);
    this.stream.expect("name", end);
    return body;
  }

  #statement(): Statement {
    const { line } = this.stream;
    const tag = this.stream.expect("name").value;
    const parse = this.#tags[tag];
    if (parse === undefined) throw new TemplateError(`there is no tag "${tag}"`, line);
    return parse(line);
  }

  readonly #tags: Readonly<Record<string, (line: number) => Statement>> = {
    __proto__: null as never,
    if: (line) => this.#if(line),
    for: (line) => this.#for(line),
    set: (line) => this.#set(line),
    macro: (line) => ({ kind: "macro", ...this.#macro(this.stream.expect("name").value, "endmacro"), line }),
    call: (line) => this.#call(line),
    filter: (line) => {
      let filter = parseFilter(this.stream, undefined);
      while (this.stream.isOperator("|")) filter = parseFilter(this.stream, filter);
      return { kind: "filterBlock", filter, body: this.#blockUntil("endfilter"), line };
    },
    with: (line) => this.#with(line),
    generation: (line) => ({ kind: "group", body: this.#blockUntil("endgeneration"), line }),
    block: (line) => {
      this.stream.expect("name");
      const body = this.#blockUntil("endblock");
      this.stream.skip("name");
      return { kind: "group", body, line };
    },
    autoescape: (line) => {
      parseExpression(this.stream);
      return { kind: "group", body: this.#blockUntil("endautoescape"), line };
    },
    break: (line) => this.#loopControl("break", line),
    continue: (line) => this.#loopControl("continue", line),
  };

  #if(line: number): Statement {
    const branches: [ReturnType<typeof parseTuple>, Statement[]][] = [];
    while (true) {
      const test = parseTuple(this.stream, false);
      this.stream.expect("block_end");
      branches.push([test, this.#body(["elif", "else", "endif"])]);
      const { value } = this.stream.next();
      if (value === "elif") continue;
      return { kind: "if", branches, else: value === "else" ? this.#blockUntil("endif") : [], line };
    }
  }

  #for(line: number): Statement {
    const target = this.#target(["in"]);
    this.stream.expect("name", "in");
    const over = parseTuple(this.stream, false, ["recursive", "if"]);
    const condition = this.stream.skip("name", "if") ? parseExpression(this.stream) : undefined;
    const recursive = this.stream.skip("name", "recursive");
    this.stream.expect("block_end");
    this.#loops++;
    const body = this.#body(["endfor", "else"]);
    this.#loops--;
    const otherwise = this.stream.next().value === "else" ? this.#blockUntil("endfor") : [];
    return { kind: "for", target, over, condition, recursive, body, else: otherwise, line };
  }

  #set(line: number): Statement {
    const target = this.#target([]);
    if (this.stream.skip("operator", "=")) return { kind: "set", target, value: parseTuple(this.stream), line };
    let filter: ReturnType<typeof parseFilter> | undefined;
    while (this.stream.isOperator("|")) filter = parseFilter(this.stream, filter);
    return { kind: "capture", target, filter, body: this.#blockUntil("endset"), line };
  }

  #macro(name: string, end: string): MacroBody {
    const parameters = this.stream.isOperator("(") ? this.#parameters() : [];
    const loops = this.#loops;
    this.#loops = 0;
    const body = this.#blockUntil(end);
    this.#loops = loops;
    return { name, parameters, body };
  }

  #parameters(): Parameter[] {
    this.stream.expect("operator", "(");
    const parameters: Parameter[] = [];
    while (!this.stream.isOperator(")")) {
      if (parameters.length > 0) this.stream.expect("operator", ",");
      const name = this.stream.expect("name").value;
      parameters.push({ name, fallback: this.stream.skip("operator", "=") ? parseExpression(this.stream) : undefined });
    }
    this.stream.next();
    return parameters;
  }

  #call(line: number): Statement {
    const parameters = this.stream.isOperator("(") ? this.#parameters() : [];
    const call = parseExpression(this.stream);
    if (call.kind !== "call") throw new TemplateError("call wants a call of a macro", line);
    return { kind: "callBlock", call, caller: { name: "caller", parameters, body: this.#blockUntil("endcall") }, line };
  }

  #with(line: number): Statement {
    const values: [Target, ReturnType<typeof parseExpression>][] = [];
    while (!this.stream.is("block_end")) {
      if (values.length > 0) this.stream.expect("operator", ",");
      const target = this.#target([]);
      this.stream.expect("operator", "=");
      values.push([target, parseExpression(this.stream)]);
    }
    return { kind: "with", values, body: this.#blockUntil("endwith"), line };
  }

  #loopControl(kind: "break" | "continue", line: number): Statement {
    if (this.#loops === 0) throw new TemplateError(`${kind} stands outside a loop`, line);
    return { kind, line };
  }

  /** Names that values are given to; `ends` are names that end the list. */
  #target(ends: readonly string[]): Target {
    const items: Target[] = [];
    let several = false;
    do {
      if (this.stream.isName(...ends) || this.stream.isOperator("=", ")")) break;
      items.push(this.#oneTarget());
      several ||= this.stream.isOperator(",");
    } while (this.stream.skip("operator", ","));
    const [only] = items;
    if (only === undefined) throw this.stream.unexpected("a name");
    return several ? { kind: "targets", items } : only;
  }

  #oneTarget(): Target {
    if (this.stream.skip("operator", "(")) {
      const inside = this.#target([]);
      this.stream.expect("operator", ")");
      return inside;
    }
    const name = this.stream.expect("name").value;
    if (!this.stream.skip("operator", ".")) return { kind: "name", name };
    return { kind: "field", namespace: name, name: this.stream.expect("name").value };
  }
}
