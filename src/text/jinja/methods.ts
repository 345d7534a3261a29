/** The methods of Python's strings, dicts and lists that change nothing: the sandbox of chat templates has no others. */

import { ArgumentReader } from "./arguments.js";
import { TemplateError } from "./errors.js";
import { braceFormat } from "./format.js";
import { spend, spendChars } from "./meter.js";
import * as strings from "./strings.js";
import {
  type Arguments,
  Callable,
  type Dict,
  equals,
  itemsOf,
  keyOf,
  orElse,
  Tuple,
  typeName,
  type Value,
} from "./values.js";

type Method<T> = (self: T, args: (names: readonly string[]) => ArgumentReader, given: Arguments) => Value;

export function methodOf(value: Value, name: string): Callable | undefined {
  if (typeof value === "string") return bind(STRING, value, name);
  if (value instanceof Map) return bind(DICT, value, name);
  return Array.isArray(value) ? bind(LIST, value, name) : undefined;
}

function bind<T>(methods: Readonly<Record<string, Method<T>>>, self: T, name: string): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return undefined;
  return new Callable(name, (given) => {
    if (typeof self === "string") spendChars(self.length);
    const result = method(self, (names) => new ArgumentReader(name, given, names), given);
    if (Array.isArray(result)) spend(result.length);
    else if (typeof result === "string") spendChars(result.length);
    return result;
  });
}

const CHARS = ["chars"];
const WIDTH = ["width", "fillchar"];
const RANGE = ["sub", "start", "end"];

const STRING: Readonly<Record<string, Method<string>>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase().replaceAll("ß", "ss"),
  capitalize: (text) => strings.capitalize(text),
  title: (text) => strings.title(text),
  swapcase: (text) =>
    Array.from(text, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join(
      "",
    ),
  strip: (text, args) => strings.trim(text, args(CHARS).text()),
  lstrip: (text, args) => strings.trimStart(text, args(CHARS).text()),
  rstrip: (text, args) => strings.trimEnd(text, args(CHARS).text()),
  removeprefix: (text, args) => {
    const prefix = args(["prefix"]).requiredText();
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, args) => {
    const suffix = args(["suffix"]).requiredText();
    return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  split: (text, args) => {
    const reader = args(["sep", "maxsplit"]);
    const separator = reader.text();
    const limit = reader.whole(-1);
    return separator === undefined ? strings.splitSpaces(text, limit) : splitAt(text, separator, limit);
  },
  rsplit: (text, args) => {
    const reader = args(["sep", "maxsplit"]);
    const separator = reader.text();
    const limit = reader.whole(-1);
    const reverse = (word: string): string => strings.charactersOf(word).reverse().join("");
    const parts =
      separator === undefined
        ? strings.splitSpaces(reverse(text), limit)
        : splitAt(reverse(text), reverse(separator), limit);
    return parts.map((part) => reverse(part)).reverse();
  },
  splitlines: (text, args) => strings.splitLines(text, args(["keepends"]).next() === true),
  partition: (text, args) => partition(text, args(["sep"]).requiredText(), text.indexOf.bind(text), false),
  rpartition: (text, args) => partition(text, args(["sep"]).requiredText(), text.lastIndexOf.bind(text), true),
  replace: (text, args) => {
    const reader = args(["old", "new", "count"]);
    const [old, fresh] = [reader.requiredText(), reader.requiredText()];
    spendChars(text.length * (old === "" ? fresh.length + 1 : Math.max(1, fresh.length / old.length)));
    return strings.replaceText(text, old, fresh, reader.whole(-1));
  },
  join: (separator, args) => {
    const parts = itemsOf(args(["iterable"]).required()).map((part) => {
      if (typeof part === "string") return part;
      throw new TemplateError(`join: strings alone can be joined, not ${typeName(part)}`);
    });
    return parts.join(separator);
  },
  startswith: (text, args) => begins(text, args(RANGE), (part, affix) => part.startsWith(affix)),
  endswith: (text, args) => begins(text, args(RANGE), (part, affix) => part.endsWith(affix)),
  find: (text, args) => find(text, args(RANGE), false),
  rfind: (text, args) => find(text, args(RANGE), true),
  index: (text, args) => found(find(text, args(RANGE), false)),
  rindex: (text, args) => found(find(text, args(RANGE), true)),
  count: (text, args) => {
    const [part, of] = within(text, args(RANGE));
    return part === "" ? strings.lengthOf(of) + 1 : of.split(part).length - 1;
  },
  format: (text, _, given) => braceFormat(text, given),
  isspace: (text) => strings.isSpace(text),
  isdigit: (text) => /^\p{Nd}+$/u.test(text),
  isdecimal: (text) => /^\p{Nd}+$/u.test(text),
  isnumeric: (text) => /^\p{N}+$/u.test(text),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isalnum: (text) => /^[\p{L}\p{N}]+$/u.test(text),
  isupper: (text) => /\p{Lu}/u.test(text) && text === text.toUpperCase(),
  islower: (text) => /\p{Ll}/u.test(text) && text === text.toLowerCase(),
  zfill: (text, args) => {
    const [sign = ""] = /^[+-]/.exec(text) ?? [];
    return sign + filled(text.slice(sign.length), args(["width"]).whole(0) - sign.length, "0", "end");
  },
  ljust: (text, args) => justified(text, args(WIDTH), "start"),
  rjust: (text, args) => justified(text, args(WIDTH), "end"),
  center: (text, args) => justified(text, args(WIDTH), "center"),
};

const DICT: Readonly<Record<string, Method<Dict>>> = {
  get: (dict, args) => {
    const reader = args(["key", "default"]);
    return orElse(dict.get(keyOf(reader.required())), orElse(reader.next(), null));
  },
  items: (dict) => Array.from(dict, ([key, value]) => Tuple.of(key, value) as Tuple),
  keys: (dict) => [...dict.keys()],
  values: (dict) => [...dict.values()],
  copy: (dict) => new Map(dict),
  ...refusals("pop", "popitem", "update", "setdefault", "clear"),
};

const LIST: Readonly<Record<string, Method<Value[]>>> = {
  index: (list, args) => found(list.findIndex((item) => equals(item, args(["value"]).required()))),
  count: (list, args) => list.filter((item) => equals(item, args(["value"]).required())).length,
  copy: (list) => [...list],
  ...refusals("append", "extend", "insert", "pop", "remove", "reverse", "sort", "clear"),
};

/** The sandbox of transformers lets templates change nothing that they were given. */
function refusals(...names: readonly string[]): Record<string, Method<unknown>> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        throw new TemplateError(`${name} would change a value, which templates must not`);
      },
    ]),
  );
}

function splitAt(text: string, separator: string, limit: number): string[] {
  if (separator === "") throw new TemplateError("split: the separator is empty");
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function partition(text: string, separator: string, indexOf: (part: string) => number, last: boolean): Tuple {
  const at = separator === "" ? -1 : indexOf(separator);
  if (at < 0) return Tuple.from(last ? ["", "", text] : [text, "", ""]) as Tuple;
  return Tuple.from([text.slice(0, at), separator, text.slice(at + separator.length)]) as Tuple;
}

function begins(text: string, reader: ArgumentReader, test: (part: string, affix: string) => boolean): boolean {
  const affixes = reader.required();
  const part = sub(text, reader);
  const list = affixes instanceof Tuple ? affixes : [affixes];
  return list.some((affix) => {
    if (typeof affix === "string") return test(part, affix);
    throw new TemplateError(`a string begins or ends with strings, not with ${typeName(affix)}`);
  });
}

function within(text: string, reader: ArgumentReader): [string, string] {
  return [reader.requiredText(), sub(text, reader)];
}

function sub(text: string, reader: ArgumentReader): string {
  const [start, end] = [reader.next() ?? 0, reader.next() ?? undefined];
  if (start === 0 && end === undefined) return text;
  return strings
    .charactersOf(text)
    .slice(Number(start), end === undefined ? undefined : Number(end))
    .join("");
}

function find(text: string, reader: ArgumentReader, last: boolean): number {
  const part = reader.requiredText();
  const start = reader.next() ?? 0;
  const of = start === 0 ? text : strings.charactersOf(text).slice(Number(start)).join("");
  const at = last ? of.lastIndexOf(part) : of.indexOf(part);
  return at < 0 ? -1 : strings.lengthOf(of.slice(0, at)) + Number(start);
}

function found(at: number): number {
  if (at < 0) throw new TemplateError("index: it is not there");
  return at;
}

type Side = "start" | "end" | "center";

function justified(text: string, reader: ArgumentReader, side: Side): string {
  const width = reader.whole(0);
  return filled(text, width, reader.text() ?? " ", side);
}

/** @param side where the text stands: at the start, at the end or between */
export function filled(text: string, width: number, fill: string, side: Side): string {
  spendChars(width);
  const missing = Math.max(0, width - strings.lengthOf(text));
  if (side === "start") return text + fill.repeat(missing);
  if (side === "end") return fill.repeat(missing) + text;
  // As CPython divides what is odd.
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}
