/** Python's two ways to put values into a string. */

import { TemplateError } from "./errors.js";
import { spendChars } from "./meter.js";
import {
  type Arguments,
  Float,
  floatText,
  numberOf,
  represent,
  Tuple,
  textOf,
  typeName,
  type Value,
} from "./values.js";

const PERCENT = /%(?:\((\w*)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** `format % values`. @throws TemplateError */
export function percentFormat(format: string, values: Value): string {
  const list = values instanceof Tuple ? values : [values];
  let used = 0;
  return format.replace(PERCENT, (_, name: string | undefined, flags: string, width, precision, type: string) => {
    if (type === "%") return "%";
    const value = name === undefined ? list[used++] : values instanceof Map ? values.get(name) : undefined;
    if (value === undefined) throw new TemplateError("there are fewer values than the format has places");
    const text = conversion(value, type, flags, precision === undefined ? undefined : Number(precision));
    return padded(text, Number(width ?? 0), flags.includes("-") ? "<" : ">", flags.includes("0") ? "0" : " ");
  });
}

function conversion(value: Value, type: string, flags: string, precision: number | undefined): string {
  if (type === "s" || type === "r") {
    const text = type === "s" ? textOf(value) : represent(value);
    return precision === undefined ? text : Array.from(text).slice(0, precision).join("");
  }
  const number = numberOf(value);
  if (number === undefined) throw new TemplateError(`%${type} wants a number, not ${typeName(value)}`);
  const text = numberText(number, type, precision);
  return number >= 0 && flags.includes("+") ? `+${text}` : number >= 0 && flags.includes(" ") ? ` ${text}` : text;
}

function numberText(value: number, type: string, precision: number | undefined): string {
  const digits = Math.min(precision ?? 6, 100);
  switch (type) {
    case "d":
    case "i":
    case "u":
      return String(Math.trunc(value));
    case "x":
    case "X":
    case "o":
    case "b": {
      const text = Math.trunc(value).toString({ x: 16, X: 16, o: 8, b: 2 }[type]);
      return type === "X" ? text.toUpperCase() : text;
    }
    case "f":
    case "F":
      return value.toFixed(digits);
    case "e":
    case "E":
      return value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
    case "%":
      return `${(value * 100).toFixed(digits)}%`;
    case "g":
    case "G":
      return String(Number(value.toPrecision(Math.max(1, digits))));
    default:
      throw new TemplateError(`there is no conversion %${type}`);
  }
}

function padded(text: string, width: number, align: string, fill: string): string {
  spendChars(width);
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  const sign = fill === "0" && align !== "<" ? (/^[+-]/.exec(text)?.[0] ?? "") : "";
  if (align === "^") return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2));
  return align === "<" ? text + fill.repeat(missing) : sign + fill.repeat(missing) + text.slice(sign.length);
}

const FIELD = /\{\{|\}\}|\{([^{}:!]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g;
const SPEC = /^(?:(.)?([<>^=]))?([-+ ])?(0)?(\d+)?(,)?(?:\.(\d+))?([a-zA-Z%])?$/su;

/** `format.format(…)`, for plain fields. @throws TemplateError */
export function braceFormat(format: string, args: Arguments): string {
  let used = 0;
  return format.replace(
    FIELD,
    (whole, name: string | undefined, convert: string | undefined, spec: string | undefined) => {
      if (whole === "{{" || whole === "}}") return whole[0]!;
      if (name === undefined) throw new TemplateError(`format: a single ${whole}`);
      const value = /^\d*$/.test(name) ? args.positional[name === "" ? used++ : Number(name)] : args.named.get(name);
      if (value === undefined) throw new TemplateError(`format: there is no value for {${name}}`);
      return fieldText(convert === "r" ? represent(value) : value, spec ?? "");
    },
  );
}

function fieldText(value: Value, spec: string): string {
  if (spec === "") return textOf(value);
  const parts = SPEC.exec(spec);
  if (parts === null) throw new TemplateError(`format: "${spec}" is no format`);
  const [, fill, align, sign = "", zero, width, comma, precision, type] = parts;
  const number = typeof value === "string" ? undefined : numberOf(value);
  const digits = precision === undefined ? undefined : Number(precision);
  let text: string;
  if (number === undefined) text = conversion(value, "s", "", digits);
  else if (type !== undefined) text = conversion(value, type, sign, digits);
  else if (value instanceof Float)
    text = digits === undefined ? floatText(number) : conversion(value, "g", sign, digits);
  else text = conversion(value, "d", sign, undefined);
  if (comma !== undefined) text = text.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  const right = number === undefined ? "<" : ">";
  return padded(
    text,
    Number(width ?? 0),
    align === "=" ? ">" : (align ?? right),
    fill ?? (zero === undefined ? " " : "0"),
  );
}
