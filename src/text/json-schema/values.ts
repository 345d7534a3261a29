/** Whether a value is valid under a schema: decides which constants of a schema its other keywords leave. */
import { countUnder, namedTypes, typeOf } from "./keywords.js";
import type { References } from "./references.js";
import { invalid, isObject, type Place, placesUnder, placeUnder, type Schema, unsupported } from "./schema.js";

type Held = Place & { readonly schema: Schema };

export class Validator {
  readonly #lists = new WeakMap<readonly unknown[], ReadonlySet<string>>();

  constructor(
    private readonly references: References,
    private readonly spend: () => void,
  ) {}

  /** @throws SluiceError for a schema that is wrong, or that needs a keyword which constants are not checked against */
  isValid(value: unknown, place: Place, depth = 0): boolean {
    this.spend();
    if (depth > 500) throw invalid(place.path, "refers to itself without an end");
    if (!isObject(place.schema)) return place.schema === true;
    const held = place as Held;
    const { schema, path } = held;
    const under = (other: Place) => this.isValid(value, other, depth + 1);
    if (schema.$ref !== undefined && !under(this.references.resolve(schema.$ref, `${path}.$ref`))) return false;
    const types = namedTypes(held);
    if (types !== undefined && !types.has(typeOf(value))) return false;
    if (Array.isArray(schema.enum) && !this.#listed(schema.enum).has(canonical(value))) return false;
    if ("const" in schema && canonical(schema.const) !== canonical(value)) return false;
    if (schema.allOf !== undefined && !placesUnder(held, "allOf").every(under)) return false;
    if (schema.anyOf !== undefined && !placesUnder(held, "anyOf").some(under)) return false;
    if (schema.oneOf !== undefined && placesUnder(held, "oneOf").filter(under).length !== 1) return false;
    if (schema.not !== undefined && under(placeUnder(held, "not"))) return false;
    if (schema.if !== undefined) {
      const branch = under(placeUnder(held, "if")) ? "then" : "else";
      if (schema[branch] !== undefined && !under(placeUnder(held, branch))) return false;
    }
    if (typeof value === "string") return this.#isValidString(value, held);
    if (typeof value === "number") return isInBounds(value, held);
    if (Array.isArray(value)) return this.#isValidArray(value, held, depth);
    return !isObject(value) || this.#isValidObject(value, held, depth);
  }

  #listed(list: readonly unknown[]): ReadonlySet<string> {
    let texts = this.#lists.get(list);
    if (texts === undefined) {
      texts = new Set(list.map(canonical));
      this.#lists.set(list, texts);
    }
    return texts;
  }

  #isValidString(value: string, place: Held): boolean {
    if (place.schema.format !== undefined) throw unsupported(`${place.path}.format`, "beside constants");
    const length = [...value].length;
    return isBetween(length, countUnder(place, "minLength"), countUnder(place, "maxLength"));
  }

  #isValidArray(value: readonly unknown[], place: Held, depth: number): boolean {
    const { schema } = place;
    if (!isBetween(value.length, countUnder(place, "minItems"), countUnder(place, "maxItems"))) return false;
    if (schema.uniqueItems === true && new Set(value.map(canonical)).size < value.length) return false;
    return value.every((item, i) => {
      const own = itemPlace(place, i);
      return own === undefined || this.isValid(item, own, depth + 1);
    });
  }

  #isValidObject(value: Schema, place: Held, depth: number): boolean {
    const { schema } = place;
    const names = Object.keys(value);
    if (!isBetween(names.length, countUnder(place, "minProperties"), countUnder(place, "maxProperties"))) return false;
    if (Array.isArray(schema.required) && !schema.required.every((name) => Object.hasOwn(value, name as string)))
      return false;
    return names.every((name) => {
      const own = propertyPlace(place, name);
      return own === undefined || this.isValid(value[name], own, depth + 1);
    });
  }
}

/** The schema of an array's item by its index; undefined: any. */
export function itemPlace(place: Held, index: number): Place | undefined {
  const { schema } = place;
  const isTuple = Array.isArray(schema.items);
  const firstKey = isTuple ? "items" : "prefixItems";
  const first = schema[firstKey];
  if (Array.isArray(first) && index < first.length) return placeUnder(place, firstKey, index);
  const restKey = isTuple ? "additionalItems" : "items";
  return schema[restKey] === undefined ? undefined : placeUnder(place, restKey);
}

/** The schema of a property by its name; undefined: any. */
export function propertyPlace(place: Held, name: string): Place | undefined {
  const { properties, additionalProperties } = place.schema;
  if (isObject(properties) && Object.hasOwn(properties, name)) return placeUnder(place, "properties", name);
  return additionalProperties === undefined ? undefined : placeUnder(place, "additionalProperties");
}

function isBetween(value: number, least = 0, most = Number.POSITIVE_INFINITY): boolean {
  return value >= least && value <= most;
}

export interface NumberBounds {
  readonly least: number;
  readonly most: number;
  /** The bound itself is not allowed. */
  readonly aboveLeast: boolean;
  readonly belowMost: boolean;
}

/** The bounds of one schema, in the spellings of all drafts. */
export function numberBounds({ schema, path }: Place): NumberBounds {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Schema;
  const bound = (value: unknown, key: string, none: number): number => {
    if (value === undefined || typeof value === "boolean") return none;
    if (typeof value === "number") return value;
    throw invalid(`${path}.${key}`, "must be a number");
  };
  let least = bound(minimum, "minimum", Number.NEGATIVE_INFINITY);
  let most = bound(maximum, "maximum", Number.POSITIVE_INFINITY);
  const above = bound(exclusiveMinimum, "exclusiveMinimum", Number.NEGATIVE_INFINITY);
  const below = bound(exclusiveMaximum, "exclusiveMaximum", Number.POSITIVE_INFINITY);
  const aboveLeast = exclusiveMinimum === true || above >= least;
  const belowMost = exclusiveMaximum === true || below <= most;
  if (above >= least) least = above;
  if (below <= most) most = below;
  return {
    least,
    most,
    aboveLeast: aboveLeast && least !== Number.NEGATIVE_INFINITY,
    belowMost: belowMost && most !== Number.POSITIVE_INFINITY,
  };
}

function isInBounds(value: number, place: Held): boolean {
  const { least, most, aboveLeast, belowMost } = numberBounds(place);
  return (aboveLeast ? value > least : value >= least) && (belowMost ? value < most : value <= most);
}

/** One text for all spellings of the same value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value === 0 ? 0 : value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}
