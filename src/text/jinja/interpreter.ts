/** Walks through a template and writes what it says. */

import { ArgumentReader } from "./arguments.js";
import type { CallArguments, Expression, MacroBody, Statement, Target } from "./ast.js";
import { TemplateError } from "./errors.js";
import type { FilterContext } from "./filter.js";
import { filterNamed } from "./filters.js";
import { type Ending, runLoop } from "./loops.js";
import { spend, spendChars } from "./meter.js";
import { attribute, binary, compareBy, item, slice } from "./operators.js";
import { Scope } from "./scope.js";
import { runTest } from "./tests.js";
import {
  type Arguments,
  Callable,
  Float,
  isTrue,
  itemsOf,
  keyOf,
  LoopState,
  Namespace,
  numberOf,
  orElse,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from "./values.js";

/** Macros may call each other this deep. */
const MAX_DEPTH = 100;

export class Interpreter implements FilterContext {
  #depth = 0;
  #output: string[] = [];

  /** What the statements write. */
  render(body: readonly Statement[], scope: Scope): string {
    return this.capture(() => this.run(body, scope));
  }

  /** What is written meanwhile, instead of writing it. */
  capture(write: () => void): string {
    const outer = this.#output;
    this.#output = [];
    try {
      write();
      return this.#output.join("");
    } finally {
      this.#output = outer;
    }
  }

  run(body: readonly Statement[], scope: Scope): Ending {
    for (const statement of body) {
      spend(1);
      try {
        const ending = this.#statement(statement, scope);
        if (ending !== "end") return ending;
      } catch (error) {
        if (error instanceof TemplateError && error.line === undefined) throw error.at(statement.line);
        throw error;
      }
    }
    return "end";
  }

  #write(text: string): void {
    spendChars(text.length);
    this.#output.push(text);
  }

  #statement(statement: Statement, scope: Scope): Ending {
    switch (statement.kind) {
      case "text":
        this.#write(statement.text);
        return "end";
      case "print":
        this.#write(textOf(this.evaluate(statement.value, scope)));
        return "end";
      case "if": {
        const branch = statement.branches.find(([test]) => isTrue(this.evaluate(test, scope)));
        return this.run(branch?.[1] ?? statement.else, scope);
      }
      case "for":
        return runLoop(this, statement, scope);
      case "set":
        this.assign(statement.target, this.evaluate(statement.value, scope), scope);
        return "end";
      case "capture": {
        const text = this.render(statement.body, new Scope(scope));
        const value = statement.filter === undefined ? text : this.#filterChain(statement.filter, text, scope);
        this.assign(statement.target, value, scope);
        return "end";
      }
      case "macro":
        scope.set(statement.name, this.#macro(statement, scope));
        return "end";
      case "callBlock":
        this.#write(textOf(this.#callBlock(statement, scope)));
        return "end";
      case "filterBlock":
        this.#write(textOf(this.#filterChain(statement.filter, this.render(statement.body, new Scope(scope)), scope)));
        return "end";
      case "with": {
        const inner = new Scope(scope);
        for (const [target, value] of statement.values) this.assign(target, this.evaluate(value, scope), inner);
        return this.run(statement.body, inner);
      }
      case "group":
        return this.run(statement.body, scope);
      default:
        return statement.kind;
    }
  }

  assign(target: Target, value: Value, scope: Scope): void {
    if (target.kind === "name") scope.set(target.name, value);
    else if (target.kind === "field") {
      const namespace = scope.get(target.namespace);
      if (!(namespace instanceof Namespace)) throw new TemplateError("only a namespace's fields can be set");
      namespace.fields.set(target.name, value);
    } else {
      const values = itemsOf(value);
      if (values.length !== target.items.length) {
        throw new TemplateError(`${target.items.length} names are given ${values.length} values`);
      }
      for (const [at, each] of target.items.entries()) this.assign(each, values[at]!, scope);
    }
  }

  #macro(macro: MacroBody, scope: Scope): Callable {
    const names = macro.parameters.map(({ name }) => name);
    return new Callable(
      macro.name,
      (given) => {
        const inner = new Scope(scope);
        const rest = given.positional.slice(names.length);
        const extra = [...given.named].filter(([name]) => !names.includes(name) && name !== "caller");
        for (const [at, { name, fallback }] of macro.parameters.entries()) {
          const value = at < given.positional.length ? given.positional[at] : given.named.get(name);
          const missing = (): Value => (fallback ? this.evaluate(fallback, inner) : new Undefined(name));
          inner.set(name, value === undefined ? missing() : value);
        }
        inner.set("varargs", Tuple.from(rest) as Value);
        inner.set("kwargs", new Map(extra));
        inner.set("caller", given.named.get("caller") ?? new Undefined("caller"));
        return this.#deeper(() => this.render(macro.body, inner));
      },
      new Map([["name", macro.name]]),
    );
  }

  #deeper<T>(work: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new TemplateError("its macros call each other without end");
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  #callBlock(statement: Extract<Statement, { kind: "callBlock" }>, scope: Scope): Value {
    const { call, caller } = statement;
    if (call.kind !== "call") throw new TemplateError("call wants a call of a macro");
    const args = this.#arguments(call.args, scope);
    const named = new Map(args.named).set("caller", this.#macro(caller, scope));
    return this.#call(this.evaluate(call.callee, scope), { ...args, named });
  }

  #filterChain(filter: Expression, text: Value, scope: Scope): Value {
    if (filter.kind !== "filter") return text;
    const value = filter.of === undefined ? text : this.#filterChain(filter.of, text, scope);
    return this.filter(filter.name, value, this.#arguments(filter.args, scope));
  }

  filter(name: string, value: Value, given: Arguments): Value {
    spend(1);
    if (Array.isArray(value)) spend(value.length / 16);
    else if (typeof value === "string") spendChars(value.length);
    return filterNamed(name)(value, (names) => new ArgumentReader(name, given, names), this, given);
  }

  test(name: string, value: Value, args: readonly Value[]): boolean {
    if (name === "filter" || name === "test") throw new TemplateError(`there is no test "${name}"`);
    return runTest(name, value, args);
  }

  evaluate(expression: Expression, scope: Scope): Value {
    spend(1);
    switch (expression.kind) {
      case "constant":
        return expression.value;
      case "float":
        return new Float(expression.value);
      case "name":
        return scope.get(expression.name);
      case "list":
        return expression.items.map((each) => this.evaluate(each, scope));
      case "tuple":
        return Tuple.from(expression.items.map((each) => this.evaluate(each, scope))) as Value;
      case "dict":
        return new Map(
          expression.entries.map(([key, value]) => [keyOf(this.evaluate(key, scope)), this.evaluate(value, scope)]),
        );
      case "attribute":
        return attribute(this.evaluate(expression.of, scope), expression.name);
      case "item":
        return item(this.evaluate(expression.of, scope), this.evaluate(expression.index, scope));
      case "slice": {
        const of = this.evaluate(expression.of, scope);
        const bounds = expression.bounds.map((bound) => bound && this.evaluate(bound, scope));
        if (typeof of === "string" || Array.isArray(of)) spend(of.length / 16);
        return slice(of, bounds);
      }
      case "call":
        return this.#call(this.evaluate(expression.callee, scope), this.#arguments(expression.args, scope));
      case "filter":
        return this.filter(
          expression.name,
          this.evaluate(expression.of!, scope),
          this.#arguments(expression.args, scope),
        );
      default:
        return this.#operation(expression, scope);
    }
  }

  #operation(expression: Expression, scope: Scope): Value {
    switch (expression.kind) {
      case "test": {
        const { positional } = this.#arguments(expression.args, scope);
        return this.test(expression.name, this.evaluate(expression.of, scope), positional);
      }
      case "unary": {
        const value = this.evaluate(expression.of, scope);
        return expression.operator === "not" ? !isTrue(value) : signed(expression.operator, value);
      }
      case "binary": {
        const left = this.evaluate(expression.left, scope);
        return binary(expression.operator, left, this.evaluate(expression.right, scope));
      }
      case "logic": {
        const left = this.evaluate(expression.left, scope);
        return isTrue(left) === (expression.operator === "or") ? left : this.evaluate(expression.right, scope);
      }
      case "compare":
        return this.#compare(expression, scope);
      case "concat": {
        const parts = expression.parts.map((part) => textOf(this.evaluate(part, scope)));
        spendChars(parts.reduce((sum, part) => sum + part.length, 0));
        return parts.join("");
      }
      case "condition": {
        if (isTrue(this.evaluate(expression.test, scope))) return this.evaluate(expression.value, scope);
        return expression.otherwise
          ? this.evaluate(expression.otherwise, scope)
          : new Undefined("the else of a condition");
      }
      default:
        throw new TemplateError(`${expression.kind} is no operation`);
    }
  }

  #compare({ first, rest }: Extract<Expression, { kind: "compare" }>, scope: Scope): boolean {
    let left = this.evaluate(first, scope);
    for (const [operator, operand] of rest) {
      const right = this.evaluate(operand, scope);
      spend(Array.isArray(right) ? right.length : typeof right === "string" ? right.length / 256 : 0);
      if (!compareBy(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #call(callee: Value, args: Arguments): Value {
    if (callee instanceof Callable) return callee.call(args);
    if (callee instanceof LoopState) return this.#deeper(() => callee.recurse(orElse(args.positional[0], null)));
    const what = callee instanceof Undefined ? `${callee.what}, which is undefined,` : typeName(callee);
    throw new TemplateError(`${what} cannot be called`);
  }

  #arguments(args: CallArguments, scope: Scope): Arguments {
    const positional = args.positional.map((each) => this.evaluate(each, scope));
    if (args.restPositional !== undefined) positional.push(...itemsOf(this.evaluate(args.restPositional, scope)));
    const named = new Map(args.named.map(([name, value]) => [name, this.evaluate(value, scope)]));
    if (args.restNamed !== undefined) {
      const rest = this.evaluate(args.restNamed, scope);
      if (!(rest instanceof Map)) throw new TemplateError(`** wants a dict, not ${typeName(rest)}`);
      for (const [name, value] of rest) named.set(textOf(name), value);
    }
    return { positional, named };
  }
}

function signed(operator: "-" | "+", value: Value): Value {
  const number = numberOf(value);
  if (number === undefined) throw new TemplateError(`${operator}${typeName(value)} means nothing`);
  const result = operator === "-" ? -number : number;
  return value instanceof Float ? new Float(result) : result;
}
