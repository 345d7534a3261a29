/** What can stand after `|`: jinja2's filters for texts, numbers and whole values. */

import type { ArgumentReader } from "./arguments.js";
import { TemplateError } from "./errors.js";
import type { Filter, FilterContext } from "./filter.js";
import { percentFormat } from "./format.js";
import { toJson } from "./json.js";
import { LIST_FILTERS } from "./list-filters.js";
import { spendChars } from "./meter.js";
import { filled } from "./methods.js";
import * as strings from "./strings.js";
import { Float, isTrue, numberOf, orElse, sizeOf, Tuple, textOf, typeName, Undefined, type Value } from "./values.js";

const length: Filter = (value) => sizeOf(value);

const escapeHtml: Filter = (value) =>
  textOf(value)
    .replaceAll("&", "&amp;")
    .replaceAll(">", "&gt;")
    .replaceAll("<", "&lt;")
    .replaceAll("'", "&#39;")
    .replaceAll('"', "&#34;");

const fallback: Filter = (value, args) => {
  const reader = args(["default_value", "boolean"]);
  const other = orElse(reader.next(), "");
  const missing = value instanceof Undefined || (isTrue(reader.next() ?? false) && !isTrue(value));
  return missing ? other : value;
};

const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  string: (value) => textOf(value),
  safe: (value) => textOf(value),
  e: escapeHtml,
  escape: escapeHtml,
  forceescape: escapeHtml,
  upper: (value) => textOf(value).toUpperCase(),
  lower: (value) => textOf(value).toLowerCase(),
  capitalize: (value) => strings.capitalize(textOf(value)),
  title: (value) =>
    textOf(value)
      .split(/([-\s({[<]+)/)
      .map((part) => strings.capitalize(part))
      .join(""),
  trim: (value, args) => strings.trim(textOf(value), args(["chars"]).text()),
  center: (value, args) => filled(textOf(value), args(["width"]).whole(80), " ", "center"),
  indent,
  replace: (value, args, _context) => {
    const reader = args(["old", "new", "count"]);
    const [text, old, fresh] = [textOf(value), textOf(reader.required()), textOf(reader.required())];
    spendChars(text.length * (old === "" ? fresh.length + 1 : Math.max(1, fresh.length / old.length)));
    return strings.replaceText(text, old, fresh, reader.whole(-1));
  },
  format: (value, _, _context, { positional, named }) => {
    const values = named.size > 0 ? new Map<Value, Value>(named) : Tuple.from(positional);
    return percentFormat(textOf(value), values as Value);
  },
  truncate,
  wordcount: (value) => textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  urlencode: (value) =>
    encodeURIComponent(textOf(value)).replace(/[!'()*]|%2F/g, (letter) =>
      letter === "%2F" ? "/" : `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  striptags: (value) => strings.splitSpaces(textOf(value).replace(/<!--.*?-->|<[^>]*>/gs, ""), -1).join(" "),
};

function indent(value: Value, args: (names: readonly string[]) => ArgumentReader, _context: FilterContext): Value {
  const reader = args(["width", "first", "blank"]);
  const width = reader.next() ?? 4;
  const first = isTrue(reader.next() ?? false);
  const blank = isTrue(reader.next() ?? false);
  const margin = typeof width === "number" ? filled("", width, " ", "start") : textOf(width);
  const lines = `${textOf(value)}\n`.split("\n");
  lines.pop();
  spendChars(lines.length * margin.length);
  const indented = lines.map((line, at) => (at > 0 && (blank || line !== "") ? margin + line : line)).join("\n");
  return first ? margin + indented : indented;
}

function truncate(value: Value, args: (names: readonly string[]) => ArgumentReader): Value {
  const reader = args(["length", "killwords", "end", "leeway"]);
  const limit = reader.whole(255);
  const killWords = isTrue(reader.next() ?? false);
  const end = textOf(reader.next() ?? "...");
  if (limit < strings.lengthOf(end))
    throw new TemplateError(`truncate: the length must be at least ${strings.lengthOf(end)}`);
  const letters = strings.charactersOf(textOf(value));
  if (letters.length <= limit + reader.whole(5)) return letters.join("");
  const kept = letters.slice(0, Math.max(0, limit - strings.lengthOf(end))).join("");
  const space = kept.lastIndexOf(" ");
  return (killWords || space < 0 ? kept : kept.slice(0, space)) + end;
}

const VALUE_FILTERS: Readonly<Record<string, Filter>> = {
  length,
  count: length,
  default: fallback,
  d: fallback,
  tojson: (value, args, _context) => {
    const reader = args(["ensure_ascii", "indent", "separators", "sort_keys"]);
    const ensureAscii = isTrue(reader.next() ?? false);
    const indentation = reader.next() ?? null;
    const separators = reader.next() ?? null;
    const [item, key] = Array.isArray(separators) ? separators : [indentation === null ? ", " : ",", ": "];
    const json = toJson(value, {
      ensureAscii,
      indent:
        typeof indentation === "number"
          ? " ".repeat(Math.min(64, indentation))
          : ((indentation as string | null) ?? undefined),
      itemSeparator: textOf(item ?? ", "),
      keySeparator: textOf(key ?? ": "),
      sortKeys: isTrue(reader.next() ?? false),
    });
    spendChars(json.length);
    return json;
  },
  int: (value, args) => {
    const other = args(["default", "base"]).next() ?? 0;
    const number = typeof value === "string" ? parseNumber(value) : numberOf(value);
    return number === undefined || !Number.isFinite(number) ? other : Math.trunc(number);
  },
  float: (value, args) => {
    const other = args(["default"]).next() ?? new Float(0);
    const number = typeof value === "string" ? parseNumber(value) : numberOf(value);
    return number === undefined ? other : new Float(number);
  },
  abs: (value) => {
    const number = requiredNumber(value, "abs");
    return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
  },
  round: (value, args) => {
    const reader = args(["precision", "method"]);
    const scale = 10 ** reader.whole(0);
    const method = reader.text() ?? "common";
    const scaled = requiredNumber(value, "round") * scale;
    if (method === "ceil" || method === "floor") return new Float(Math[method](scaled) / scale);
    // Python rounds halves to the even neighbour.
    const low = Math.floor(scaled);
    const rounded = scaled - low === 0.5 ? low + (low % 2) : Math.round(scaled);
    return typeof value === "number" ? Math.trunc(rounded / scale) : new Float(rounded / scale);
  },
  pprint: (value) => textOf(value),
};

function parseNumber(text: string): number | undefined {
  const trimmed = strings.trim(text);
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}

function requiredNumber(value: Value, name: string): number {
  const number = numberOf(value);
  if (number !== undefined) return number;
  throw new TemplateError(`${name} wants a number, not ${typeName(value)}`);
}

const ALL: Readonly<Record<string, Filter>> = { ...TEXT_FILTERS, ...VALUE_FILTERS, ...LIST_FILTERS };

/** @throws TemplateError for a filter that there is not */
export function filterNamed(name: string): Filter {
  const filter = Object.hasOwn(ALL, name) ? ALL[name] : undefined;
  if (filter === undefined) throw new TemplateError(`there is no filter "${name}"`);
  return filter;
}
