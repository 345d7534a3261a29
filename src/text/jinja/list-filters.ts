/** jinja2's filters for lists and dicts. */

import type { ArgumentReader } from "./arguments.js";
import { TemplateError } from "./errors.js";
import type { Filter, FilterContext } from "./filter.js";
import { spend, spendChars } from "./meter.js";
import { attribute, binary, item } from "./operators.js";
import {
  type Arguments,
  compare,
  equals,
  isTrue,
  itemsOf,
  orElse,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from "./values.js";

type Read = (names: readonly string[]) => ArgumentReader;

const orUndefined = (value: Value | undefined, what: string): Value => orElse(value, new Undefined(what));

/** The way from an item to what is asked of it: "a.b" or a number; nothing: the item itself. */
function getter(path: Value | undefined): (of: Value) => Value {
  if (path === undefined || path === null) return (of) => of;
  const steps = typeof path === "number" ? [path] : textOf(path).split(".");
  return (of) =>
    steps.reduce<Value>((value, step) => {
      const isIndex = typeof step === "number" || /^\d+$/.test(step);
      return isIndex ? item(value, Number(step)) : attributeOrItem(value, step as string);
    }, of);
}

function attributeOrItem(of: Value, name: string): Value {
  return of instanceof Map ? item(of, name) : attribute(of, name);
}

/** Letters' case counts only where it is asked for. */
const sortKey = (value: Value, caseSensitive: boolean): Value =>
  typeof value === "string" && !caseSensitive ? value.toLowerCase() : value;

function sorted(items: readonly Value[], key: (value: Value) => Value, reverse: boolean): Value[] {
  const keyed = items.map((value) => ({ value, key: key(value) }));
  keyed.sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)));
  return keyed.map(({ value }) => value);
}

/** The first or last item in order, of equals the first. */
function extreme(value: Value, read: Read, sign: 1 | -1): Value {
  const reader = read(["case_sensitive", "attribute"]);
  const caseSensitive = isTrue(reader.next() ?? false);
  const get = getter(reader.next());
  let best: Value | undefined;
  for (const each of itemsOf(value)) {
    const order =
      best === undefined ? 1 : sign * compare(sortKey(get(each), caseSensitive), sortKey(get(best), caseSensitive));
    if (order > 0) best = each;
  }
  return orUndefined(best, "an item of nothing");
}

/** select, reject and their like with an attribute. */
function selecting(wanted: boolean, byAttribute: boolean): Filter {
  return (value, _, context, { positional }) => {
    const get = byAttribute ? getter(positional[0]) : (of: Value) => of;
    const [name, ...args] = positional.slice(byAttribute ? 1 : 0);
    const test = (of: Value): boolean => (name === undefined ? isTrue(of) : context.test(textOf(name), of, args));
    return itemsIfAny(value).filter((each) => test(get(each)) === wanted);
  };
}

/** What is false has nothing to select from, even None. */
function itemsIfAny(value: Value): readonly Value[] {
  return isTrue(value) ? itemsOf(value) : [];
}

function map(value: Value, _: Read, context: FilterContext, { positional, named }: Arguments): Value {
  const path = named.get("attribute");
  if (path !== undefined) {
    const other = named.get("default");
    const get = getter(path);
    return itemsIfAny(value).map((each) => {
      const found = get(each);
      return found instanceof Undefined && other !== undefined ? other : found;
    });
  }
  const [name, ...rest] = positional;
  if (name === undefined) throw new TemplateError("map wants a filter or an attribute");
  return itemsIfAny(value).map((each) => context.filter(textOf(name), each, { positional: rest, named }));
}

function groupBy(value: Value, read: Read): Value {
  const reader = read(["attribute", "default", "case_sensitive"]);
  const get = getter(reader.required());
  const other = reader.next();
  const keyOf = (each: Value): Value => {
    const key = get(each);
    return key instanceof Undefined && other !== undefined ? other : key;
  };
  const groups: { key: Value; items: Value[] }[] = [];
  for (const each of sorted(itemsOf(value), (of) => sortKey(keyOf(of), false), false)) {
    const key = keyOf(each);
    const group = groups.at(-1);
    if (group !== undefined && equals(sortKey(group.key, false), sortKey(key, false))) group.items.push(each);
    else groups.push({ key, items: [each] });
  }
  return groups.map(({ key, items }) => Tuple.of(key, items) as Value);
}

function batch(value: Value, read: Read): Value {
  const reader = read(["linecount", "fill_with"]);
  const size = Math.max(1, reader.whole(1));
  const fill = reader.next() ?? null;
  const items = itemsOf(value);
  const batches: Value[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  const last = batches.at(-1);
  if (fill !== null && last !== undefined) while (last.length < size) last.push(fill);
  return batches;
}

function unique(value: Value, read: Read): Value {
  const reader = read(["case_sensitive", "attribute"]);
  const caseSensitive = isTrue(reader.next() ?? false);
  const get = getter(reader.next());
  const seen: Value[] = [];
  return itemsOf(value).filter((each) => {
    const key = sortKey(get(each), caseSensitive);
    spend(seen.length / 16);
    const isNew = !seen.some((other) => equals(other, key));
    if (isNew) seen.push(key);
    return isNew;
  });
}

function dictSort(value: Value, read: Read): Value {
  const reader = read(["case_sensitive", "by", "reverse"]);
  const caseSensitive = isTrue(reader.next() ?? false);
  const at = reader.text() === "value" ? 1 : 0;
  const reverse = isTrue(reader.next() ?? false);
  return sorted(pairs(value), (pair) => sortKey((pair as Tuple)[at]!, caseSensitive), reverse);
}

function pairs(value: Value): Value[] {
  if (value instanceof Undefined) return [];
  if (value instanceof Map) return Array.from(value, ([key, each]) => Tuple.of(key, each) as Value);
  throw new TemplateError(`a dict has pairs, ${typeName(value)} has none`);
}

export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  first: (value) => orUndefined(itemsOf(value)[0], "the first item of nothing"),
  last: (value) => orUndefined(itemsOf(value).at(-1), "the last item of nothing"),
  list: (value) => [...itemsOf(value)],
  items: (value) => pairs(value),
  dictsort: dictSort,
  join: (value, read, _context) => {
    const reader = read(["d", "attribute"]);
    const separator = textOf(reader.next() ?? "");
    const get = getter(reader.next());
    const text = itemsOf(value)
      .map((each) => textOf(get(each)))
      .join(separator);
    spendChars(text.length);
    return text;
  },
  reverse: (value) => {
    const reversed = [...itemsOf(value)].reverse();
    return typeof value === "string" ? reversed.join("") : reversed;
  },
  sort: (value, read) => {
    const reader = read(["reverse", "case_sensitive", "attribute"]);
    const reverse = isTrue(reader.next() ?? false);
    const caseSensitive = isTrue(reader.next() ?? false);
    const get = getter(reader.next());
    return sorted(itemsOf(value), (each) => sortKey(get(each), caseSensitive), reverse);
  },
  min: (value, read) => extreme(value, read, -1),
  max: (value, read) => extreme(value, read, 1),
  sum: (value, read, _context) => {
    const reader = read(["attribute", "start"]);
    const get = getter(reader.next());
    return itemsOf(value).reduce<Value>((total, each) => binary("+", total, get(each)), reader.next() ?? 0);
  },
  attr: (value, read) => attribute(value, read(["name"]).requiredText()),
  map,
  select: selecting(true, false),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(false, true),
  groupby: groupBy,
  batch,
  unique,
};
