/** Python's operators, and how a template looks into values. */

import { TemplateError } from "./errors.js";
import { percentFormat } from "./format.js";
import { spend, spendChars } from "./meter.js";
import { methodOf } from "./methods.js";
import { charactersOf } from "./strings.js";
import {
  Callable,
  compare,
  equals,
  Float,
  itemsOf,
  keyOf,
  LoopState,
  Namespace,
  numberOf,
  orElse,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.js";

/** @throws TemplateError for values that the operator does not take */
export function binary(operator: string, left: Value, right: Value): Value {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) {
    const isFloat = left instanceof Float || right instanceof Float;
    return arithmetic(operator, a, b, isFloat);
  }
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string") {
      spendChars(left.length + right.length);
      return left + right;
    }
    if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
      spend(left.length + right.length);
      return left instanceof Tuple ? Tuple.from([...left, ...right]) : [...left, ...right];
    }
  }
  if (operator === "*") {
    const repeated = repeat(left, right) ?? repeat(right, left);
    if (repeated !== undefined) return repeated;
  }
  if (operator === "%" && typeof left === "string") return percentFormat(left, right);
  throw new TemplateError(`${typeName(left)} ${operator} ${typeName(right)} means nothing`);
}

function arithmetic(operator: string, a: number, b: number, isFloat: boolean): Value {
  const number = (value: number): Value => (isFloat ? new Float(value) : value);
  if (b === 0 && (operator === "/" || operator === "//" || operator === "%")) {
    throw new TemplateError("division by zero");
  }
  switch (operator) {
    case "+":
      return number(a + b);
    case "-":
      return number(a - b);
    case "*":
      return number(a * b);
    case "/":
      return new Float(a / b);
    case "//":
      return number(Math.floor(a / b));
    case "%":
      return number(a - b * Math.floor(a / b));
    default:
      return isFloat || b < 0 ? new Float(a ** b) : a ** b;
  }
}

function repeat(value: Value, times: Value): Value | undefined {
  if (typeof times !== "number" && typeof times !== "boolean") return undefined;
  const count = Math.max(0, Number(times));
  if (typeof value === "string") {
    spendChars(value.length * count);
    return value.repeat(count);
  }
  if (!Array.isArray(value)) return undefined;
  spend(value.length * count);
  const items = Array.from({ length: count }, () => value).flat();
  return value instanceof Tuple ? Tuple.from(items) : items;
}

/** @throws TemplateError */
export function compareBy(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case "==":
      return equals(left, right);
    case "!=":
      return !equals(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "<":
      return compare(left, right) < 0;
    case "<=":
      return compare(left, right) <= 0;
    case ">":
      return compare(left, right) > 0;
    default:
      return compare(left, right) >= 0;
  }
}

export function contains(container: Value, item: Value): boolean {
  if (typeof container === "string") {
    if (typeof item === "string") return container.includes(item);
    throw new TemplateError(`${typeName(item)} cannot be in a string`);
  }
  if (container instanceof Map) return container.has(keyOf(item));
  return itemsOf(container).some((each) => equals(each, item));
}

/** `of.name`: an attribute, else an item. */
export function attribute(of: Value, name: string): Value {
  refuseUndefined(of, name);
  const field = fieldOf(of, name);
  if (field !== undefined) return field;
  return orElse(of instanceof Map ? of.get(name) : undefined, new Undefined(name));
}

/** `of[index]`: an item, else an attribute. */
export function item(of: Value, index: Value): Value {
  refuseUndefined(of, String(typeof index === "object" ? typeName(index) : index));
  if (of instanceof Map) {
    const found = of.get(keyOf(index));
    if (found !== undefined) return found;
  }
  const at = typeof index === "boolean" ? Number(index) : index;
  if (typeof at === "number" && (typeof of === "string" || Array.isArray(of))) {
    const items = typeof of === "string" ? charactersOf(of) : of;
    return orElse(items.at(at), new Undefined(`item ${at}`));
  }
  return orElse(typeof index === "string" ? fieldOf(of, index) : undefined, new Undefined("an item"));
}

function refuseUndefined(of: Value, name: string): void {
  if (of instanceof Undefined) throw new TemplateError(`${of.what} is undefined and has no ${name}`);
}

function fieldOf(of: Value, name: string): Value | undefined {
  if (of instanceof Namespace) return of.fields.get(name);
  if (of instanceof LoopState) return of.read(name);
  if (of instanceof Callable) return of.fields.get(name);
  return methodOf(of, name);
}

/** `of[start:stop:step]` */
export function slice(of: Value, bounds: readonly (Value | undefined)[]): Value {
  const [from, to, by] = [0, 1, 2].map((at) => {
    const bound = bounds[at];
    if (bound === undefined || bound === null || typeof bound === "number") return bound ?? undefined;
    throw new TemplateError(`a slice has whole numbers, not ${typeName(bound)}`);
  });
  if (typeof of !== "string" && !Array.isArray(of)) throw new TemplateError(`${typeName(of)} cannot be sliced`);
  if (by === 0) throw new TemplateError("a slice's step cannot be zero");
  const items: readonly Value[] = typeof of === "string" ? charactersOf(of) : of;
  const picked = pick(items, from, to, by ?? 1);
  if (typeof of === "string") return picked.join("");
  return of instanceof Tuple ? Tuple.from(picked) : picked;
}

function pick(items: readonly Value[], from: number | undefined, to: number | undefined, step: number): Value[] {
  const { length } = items;
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, at < 0 ? at + length : at));
  const picked: Value[] = [];
  if (step > 0) {
    const end = clamp(to ?? length, 0, length);
    for (let at = clamp(from ?? 0, 0, length); at < end; at += step) picked.push(items[at]!);
  } else {
    const end = to === undefined ? -1 : clamp(to, -1, length - 1);
    for (let at = clamp(from ?? length - 1, -1, length - 1); at > end; at += step) picked.push(items[at]!);
  }
  return picked;
}
