/** Objects: their members in the order of the schema, then others where the schema lets them come. */
import type { GrammarBuilder, Node } from "../grammar/builder.js";
import type { CharRange } from "../grammar/char-class.js";
import type { Part } from "./alternatives.js";
import { countsOf } from "./keywords.js";
import { type Primitives, plainChars } from "./primitives.js";
import { invalid, isObject, type Place, placeUnder, unsupported } from "./schema.js";
import { propertyPlace } from "./values.js";

export interface Members {
  /** By name, in the order in which they are written. */
  readonly places: ReadonlyMap<string, readonly Place[]>;
  readonly required: ReadonlySet<string>;
  /** What other members must be; undefined: there are none. */
  readonly others: readonly Place[] | undefined;
}

/** What several schemas together say about an object's members. */
export function membersOf(parts: readonly Part[]): Members {
  const required = new Set(parts.flatMap(requiredNames));
  const declared = parts.flatMap(({ schema, path }) => {
    if (schema.properties !== undefined && !isObject(schema.properties))
      throw invalid(`${path}.properties`, "must be an object");
    return Object.keys(schema.properties ?? {});
  });
  const places = new Map<string, Place[]>();
  for (const name of new Set([...declared, ...required])) {
    places.set(
      name,
      parts.flatMap((part) => propertyPlace(part, name) ?? []),
    );
  }
  const others: Place[] = [];
  let closed = false;
  for (const part of parts) {
    const { additionalProperties, properties } = part.schema;
    if (additionalProperties !== undefined) others.push(placeUnder(part, "additionalProperties"));
    else if (properties !== undefined) closed = true;
  }
  if (others.some(({ schema }) => schema === false)) closed = true;
  return { places, required, others: closed ? undefined : others };
}

export function requiredNames({ schema, path }: Part): string[] {
  const { required } = schema;
  // Draft 3 wrote it on the property.
  if (required === undefined || typeof required === "boolean") return [];
  if (Array.isArray(required) && required.every((name) => typeof name === "string")) return required;
  throw invalid(`${path}.required`, "must be a list of names");
}

export function objectNode(
  build: GrammarBuilder,
  json: Primitives,
  parts: readonly Part[],
  members: Members,
  nodeOf: (places: readonly Place[]) => Node,
): Node {
  const { least, most } = countsOf(parts, "minProperties", "maxProperties");
  const names = [...members.places.keys()];
  // Members are counted only as far as it matters: whether a comma comes first, and the bounds.
  const counted = Math.min(names.length, Math.max(1, least, most === Number.POSITIVE_INFINITY ? 0 : most));
  const separator = (count: number) => (count === 0 ? build.empty : json.comma);
  let after = Array.from({ length: counted + 1 }, (_, count) => othersNode(count));
  for (const name of names.toReversed()) {
    const key = build.literal(`${JSON.stringify(name)}:`);
    const member = build.sequence(key, json.space, nodeOf(members.places.get(name)!));
    const isRequired = members.required.has(name);
    const later = after;
    after = later.map((without, count) => {
      const fits = count < most;
      const rest = later[Math.min(count + 1, counted)]!;
      const withIt = fits ? build.sequence(separator(count), member, rest) : build.never;
      return isRequired ? withIt : build.choice(withIt, without);
    });
  }
  return build.sequence(build.literal("{"), after[0]!, build.literal("}"));

  function othersNode(count: number): Node {
    const missing = Math.max(0, least - count);
    if (members.others === undefined) return missing === 0 ? build.empty : build.never;
    if (missing > 1)
      throw unsupported(`${parts[0]!.path}.minProperties`, "beyond 1 where names are free: they might repeat");
    const room = most === Number.POSITIVE_INFINITY ? undefined : most - count;
    if (room !== undefined && room <= 0) return missing === 0 ? build.empty : build.never;
    const other = build.sequence(otherName(build, json, names), build.literal(":"), json.space, nodeOf(members.others));
    const more = build.repeat(build.sequence(json.comma, other), 0, room === undefined ? undefined : room - 1);
    const some = build.sequence(separator(count), other, more);
    return missing > 0 ? some : build.optional(some);
  }
}

/** A name that is none of these, written without escapes: with them it could be one of these in disguise. */
function otherName(build: GrammarBuilder, json: Primitives, names: readonly string[]): Node {
  if (names.length === 0) return json.string;
  const plain = build.repeat(build.chars(plainChars()));
  const quote = build.literal('"');
  const sorted = [...new Set(names)].map((name) => [...name]).sort(compareChars);
  return build.sequence(quote, differing(0, sorted.length, 0));

  function differing(from: number, to: number, at: number): Node {
    const options: Node[] = [];
    const taken: CharRange[] = [];
    let isName = false;
    for (let i = from; i < to; ) {
      const char = sorted[i]![at];
      let next = i + 1;
      while (next < to && sorted[next]![at] === char) next++;
      if (char === undefined) isName = true;
      else {
        const code = char.codePointAt(0)!;
        taken.push([code, code]);
        // A character that must be escaped cannot begin another name here.
        if (plainChars().some(([first, last]) => first <= code && code <= last)) {
          options.push(build.sequence(build.chars([[code, code]]), differing(i, next, at + 1)));
        }
      }
      i = next;
    }
    if (!isName) options.push(quote);
    options.push(build.sequence(build.chars(plainChars(taken)), plain, quote));
    return build.choice(...options);
  }
}

function compareChars(one: readonly string[], other: readonly string[]): number {
  for (let i = 0; i < one.length && i < other.length; i++) {
    if (one[i] !== other[i]) return one[i]!.codePointAt(0)! - other[i]!.codePointAt(0)!;
  }
  return one.length - other.length;
}
