/** Python's values as a template sees them, and how Python prints, compares and judges them. */
import { TemplateError } from "./errors.js";
import { spend } from "./meter.js";
import { lengthOf } from "./strings.js";

export type Value =
  | null
  | boolean
  /** A whole number; others are a {@link Float}. */
  | number
  | string
  | Float
  | Value[]
  | Dict
  | Undefined
  | Namespace
  | Callable
  | LoopState;

export type Dict = Map<Value, Value>;

export class Float {
  constructor(readonly value: number) {}
}

export class Tuple extends Array<Value> {}

/** What a name that nobody set stands for: printed as nothing, false, and an error to look into. */
export class Undefined {
  constructor(readonly what: string) {}
}

export class Namespace {
  readonly fields = new Map<string, Value>();
}

export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: Arguments) => Value,
    /** What templates may read of it: macros have a name. */
    readonly fields: ReadonlyMap<string, Value> = new Map(),
  ) {}
}

/** `loop` inside a loop: it goes on with the loop. */
export class LoopState {
  index = 0;
  #lastSeen: Value | undefined;

  /** @param recurse runs the loop over other items, where it is recursive */
  constructor(
    readonly items: readonly Value[],
    readonly depth: number,
    readonly recurse: (over: Value) => Value,
  ) {}

  read(name: string): Value | undefined {
    const { index, items, depth } = this;
    switch (name) {
      case "index":
        return index + 1;
      case "index0":
        return index;
      case "revindex":
        return items.length - index;
      case "revindex0":
        return items.length - index - 1;
      case "first":
        return index === 0;
      case "last":
        return index === items.length - 1;
      case "length":
        return items.length;
      case "depth":
        return depth + 1;
      case "depth0":
        return depth;
      case "previtem":
        return items[index - 1];
      case "nextitem":
        return items[index + 1];
      case "cycle":
        return new Callable("cycle", ({ positional }) => orElse(positional[index % positional.length], null));
      case "changed":
        return new Callable("changed", ({ positional }) => this.#changed(positional));
      default:
        return undefined;
    }
  }

  #changed(values: readonly Value[]): boolean {
    const seen: Value = Tuple.from(values) as Value;
    const isNew = this.#lastSeen === undefined || !equals(this.#lastSeen, seen);
    this.#lastSeen = seen;
    return isNew;
  }
}

/** None is a value: only what is not there at all is replaced. */
export function orElse(value: Value | undefined, other: Value): Value {
  return value === undefined ? other : value;
}

/** Plain data as values. */
export function toValue(data: unknown): Value {
  if (data === undefined) return new Undefined("it");
  if (data === null || typeof data === "boolean" || typeof data === "string") return data;
  if (typeof data === "number") return Number.isInteger(data) ? data : new Float(data);
  if (Array.isArray(data)) return data.map(toValue);
  if (typeof data === "object") return new Map(Object.entries(data).map(([key, value]) => [key, toValue(value)]));
  throw new TemplateError(`a ${typeof data} is nothing for a template`);
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (value instanceof Float) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return typeof value === "object" ? true : Boolean(value);
}

/** Python's name of the type, for messages. */
export function typeName(value: Value): string {
  if (value === null) return "None";
  if (value instanceof Undefined) return "undefined";
  if (value instanceof Float) return "float";
  if (value instanceof Tuple) return "tuple";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  if (value instanceof Namespace) return "namespace";
  if (value instanceof Callable || value instanceof LoopState) return "function";
  return { boolean: "bool", number: "int", string: "str" }[typeof value as "boolean" | "number" | "string"];
}

/** `str(value)`. */
export function textOf(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) return "";
  return represent(value);
}

/** `repr(value)`. */
export function represent(value: Value): string {
  spend(2);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return wholeNumber(value);
  if (typeof value === "string") return quote(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Tuple) return `(${value.map(represent).join(", ")}${value.length === 1 ? "," : ""})`;
  if (Array.isArray(value)) return `[${value.map(represent).join(", ")}]`;
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, item]) => `${represent(key)}: ${represent(item)}`).join(", ")}}`;
  }
  if (value instanceof Namespace) return `<Namespace ${represent(new Map(value.fields))}>`;
  return value instanceof Callable ? `<Macro '${value.name}'>` : "<LoopContext>";
}

export function wholeNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(Math.trunc(value)).toString();
}

export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [, sign, digits, exponent] = /^(-?)(.*)e([+-]\d+)$/.exec(value.toExponential())!;
  const power = Number(exponent);
  if (power >= -4 && power < 16) {
    const plain = String(value);
    return plain.includes(".") ? plain : `${plain}.0`;
  }
  return `${sign}${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

const QUOTED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(/[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}|'/gu, (letter) => {
    if (letter === "'") return mark === "'" ? "\\'" : "'";
    const code = letter.codePointAt(0)!;
    const hex = code.toString(16);
    const [start, width] = code > 0xffff ? ["\\U", 8] : code > 0xff ? ["\\u", 4] : ["\\x", 2];
    return QUOTED[letter] ?? `${start}${hex.padStart(width as number, "0")}`;
  });
  return `${mark}${inside}${mark}`;
}

/** A number's value; undefined for what is no number. Python's booleans are numbers. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  return value instanceof Float ? value.value : undefined;
}

export function equals(left: Value, right: Value): boolean {
  if (left === right) return true;
  spend(1);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined || b !== undefined) return a === b;
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left instanceof Tuple === right instanceof Tuple &&
      left.length === right.length &&
      left.every((item, at) => equals(item, right[at]!))
    );
  }
  if (left instanceof Map && right instanceof Map) {
    return (
      left.size === right.size && [...left].every(([key, item]) => right.has(key) && equals(item, right.get(key)!))
    );
  }
  return left instanceof Undefined && right instanceof Undefined;
}

/** Below zero, zero, above zero. @throws TemplateError for what Python cannot order */
export function compare(left: Value, right: Value): number {
  spend(1);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  if (Array.isArray(left) && Array.isArray(right)) {
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      if (!equals(left[at]!, right[at]!)) return compare(left[at]!, right[at]!);
    }
    return left.length - right.length;
  }
  throw new TemplateError(`${typeName(left)} and ${typeName(right)} have no order`);
}

/** By code points, which is not how UTF-16 sorts. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** What a loop goes over. @throws TemplateError */
export function itemsOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return Array.from(value);
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Undefined) return [];
  throw new TemplateError(`${typeName(value)} has no items to go over`);
}

/** @throws TemplateError for what has no length */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return lengthOf(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof Undefined) return 0;
  throw new TemplateError(`${typeName(value)} has no length`);
}

/** The key under which a dict keeps a value. @throws TemplateError for what cannot be one */
export function keyOf(value: Value): Value {
  const number = numberOf(value);
  if (number !== undefined && typeof value !== "number") return number;
  if (value instanceof Map || (Array.isArray(value) && !(value instanceof Tuple))) {
    throw new TemplateError(`${typeName(value)} cannot be a key`);
  }
  return value;
}
