import { TemplateError } from "./errors.js";
import { spend } from "./meter.js";
import { compare, Float, floatText, isTrue, textOf, typeName, type Value, wholeNumber } from "./values.js";

export interface JsonStyle {
  readonly ensureAscii: boolean;
  readonly indent: string | undefined;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** `json.dumps`. @throws TemplateError for what JSON cannot hold */
export function toJson(value: Value, style: JsonStyle, depth = 0): string {
  spend(2);
  if (depth > 100) throw new TemplateError("tojson: it is nested too deeply");
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return wholeNumber(value);
  if (value instanceof Float) return jsonFloat(value.value);
  if (typeof value === "string") return jsonString(value, style.ensureAscii);
  if (Array.isArray(value))
    return wrap(
      "[",
      "]",
      value.map((item) => toJson(item, style, depth + 1)),
      style,
      depth,
    );
  if (value instanceof Map) {
    const entries = [...value];
    if (style.sortKeys) entries.sort(([a], [b]) => compare(a, b));
    const parts = entries.map(
      ([key, item]) =>
        `${jsonString(jsonKey(key), style.ensureAscii)}${style.keySeparator}${toJson(item, style, depth + 1)}`,
    );
    return wrap("{", "}", parts, style, depth);
  }
  throw new TemplateError(`tojson: ${typeName(value)} is nothing for JSON`);
}

function wrap(open: string, close: string, parts: readonly string[], style: JsonStyle, depth: number): string {
  if (parts.length === 0) return open + close;
  if (style.indent === undefined) return open + parts.join(style.itemSeparator) + close;
  const line = `\n${style.indent.repeat(depth + 1)}`;
  return `${open}${line}${parts.join(style.itemSeparator + line)}\n${style.indent.repeat(depth)}${close}`;
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return floatText(value);
}

function jsonString(text: string, ensureAscii: boolean): string {
  // JavaScript also escapes halves of characters, which Python does where it escapes all that is not ASCII.
  const json = JSON.stringify(text);
  if (!ensureAscii) return json;
  return json.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function jsonKey(key: Value): string {
  if (key === null) return "null";
  return typeof key === "boolean" ? String(isTrue(key)) : textOf(key);
}
