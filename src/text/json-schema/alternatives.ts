/**
 * A schema's combinations taken apart: `allOf` and `$ref` put schemas together, `anyOf`, `oneOf` and `if` choose between
 * them. What is left are alternatives, each a list of schemas whose own keywords all hold at once.
 */
import { checkKeywords, impliedTypes, type JsonType, namedTypes, TYPES } from "./keywords.js";
import type { References } from "./references.js";
import { invalid, isObject, type Place, placesUnder, placeUnder, type Schema } from "./schema.js";

export type Part = Place & { readonly schema: Schema };

export interface Alternative {
  readonly parts: readonly Part[];
  /** Schemas that must not hold: the other choices of a `oneOf`, what `not` names. */
  readonly excluded: readonly Place[];
}

/** A schema on its way, with those that led to it. */
interface Step {
  readonly place: Place;
  readonly above: Step | undefined;
}

interface Item {
  readonly open: readonly Step[];
  readonly splits: readonly Choice[];
  readonly parts: readonly Part[];
  readonly excluded: readonly Place[];
}

interface Choice {
  readonly step: Step;
  readonly key: "anyOf" | "oneOf" | "if";
}

export class Alternatives {
  readonly #ids = new Map<unknown, number>();

  constructor(
    private readonly references: References,
    private readonly spend: (work: number) => void,
  ) {}

  /** The same text for the same schemas, in whatever order. */
  keyOf(places: readonly Place[]): string {
    return [...new Set(places.map(({ schema }) => this.#id(schema)))].sort((a, b) => a - b).join();
  }

  /** The schema that a place of nothing but a `$ref` means. */
  meant(place: Place): Place {
    const seen = new Set<unknown>();
    let at = place;
    while (isObject(at.schema) && at.schema.$ref !== undefined && Object.keys(at.schema).length === 1) {
      if (seen.has(at.schema)) throw invalid(`${place.path}.$ref`, "refers to itself and to nothing else");
      seen.add(at.schema);
      this.spend(1);
      at = this.references.resolve(at.schema.$ref, `${at.path}.$ref`);
    }
    return at;
  }

  /** Takes schemas apart that must all hold. Equal ways are one, so that choices which say the same do not multiply. */
  of(places: readonly Place[]): Alternative[] {
    const found = new Map<string, Alternative>();
    const known = new Set<string>();
    const items: Item[] = [
      { open: places.map((place) => ({ place, above: undefined })), splits: [], parts: [], excluded: [] },
    ];
    for (let item = items.pop(); item !== undefined; item = items.pop()) {
      const gathered = this.#gather(item);
      if (gathered === undefined) continue;
      const { parts, splits, excluded } = gathered;
      const key = `${this.keyOf(parts)}|${this.keyOf(excluded)}|${this.#choicesKey(splits)}`;
      this.spend(1 + parts.length + excluded.length);
      if (known.has(key)) continue;
      known.add(key);
      const [choice, ...others] = splits;
      if (choice === undefined) found.set(key, { parts, excluded });
      else
        items.push(
          ...this.#choose(choice)
            .map((way) => ({ open: way.open, splits: others, parts, excluded: [...excluded, ...way.excluded] }))
            .reverse(),
        );
    }
    return [...found.values()];
  }

  /** Follows what must hold in every case; undefined where something never does. */
  #gather(item: Item): Omit<Item, "open"> | undefined {
    const [parts, splits, excluded] = [[...item.parts], [...item.splits], [...item.excluded]];
    const open = [...item.open];
    const seen = new Set<unknown>(parts.map(({ schema }) => schema));
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      this.spend(1);
      const place = this.meant(step.place);
      const { schema, path } = place;
      if (schema === false) return undefined;
      if (!isObject(schema)) continue;
      const here: Step = { place, above: step.above };
      if (isAbove(here)) throw invalid(path, "refers to itself without anything between");
      if (seen.has(schema)) continue;
      seen.add(schema);
      const part = place as Part;
      checkKeywords(schema, path);
      if (hasOwnKeywords(schema)) parts.push(part);
      const under = (other: Place): Step => ({ place: other, above: here });
      if (schema.$ref !== undefined) open.push(under(this.references.resolve(schema.$ref, `${path}.$ref`)));
      if (schema.allOf !== undefined) open.push(...placesUnder(part, "allOf").map(under));
      if (schema.not !== undefined) excluded.push(placeUnder(part, "not"));
      for (const key of ["anyOf", "oneOf", "if"] as const)
        if (schema[key] !== undefined) splits.push({ step: here, key });
    }
    return { parts, splits, excluded };
  }

  #choose({ step, key }: Choice): Pick<Item, "open" | "excluded">[] {
    const part = step.place as Part;
    const under = (place: Place): Step => ({ place, above: step });
    if (key === "if") {
      const condition = placeUnder(part, "if");
      const branch = (name: "then" | "else") =>
        part.schema[name] === undefined ? [] : [under(placeUnder(part, name))];
      return [
        { open: [under(condition), ...branch("then")], excluded: [] },
        { open: branch("else"), excluded: [condition] },
      ];
    }
    const places = placesUnder(part, key);
    if (key === "oneOf") this.spend(places.length ** 2 / 16);
    return places.map((place, i) => ({
      open: [under(place)],
      excluded: key === "oneOf" ? places.filter((_, other) => other !== i) : [],
    }));
  }

  #choicesKey(choices: readonly Choice[]): string {
    return choices.map(({ step, key }) => `${this.#id(step.place.schema)}${key}`).join();
  }

  #id(schema: unknown): number {
    let id = this.#ids.get(schema);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(schema, id);
    }
    return id;
  }
}

function hasOwnKeywords(schema: Schema): boolean {
  return "type" in schema || "enum" in schema || "const" in schema || impliedTypes(schema).size > 0;
}

/** Whether a step comes to a schema that led to it. */
function isAbove({ place, above }: Step): boolean {
  for (let step = above; step !== undefined; step = step.above) if (step.place.schema === place.schema) return true;
  return false;
}

/** The types that all of the schemas allow. */
export function realTypes(parts: readonly Part[]): Set<JsonType> {
  let types = new Set<JsonType>(TYPES);
  for (const part of parts) {
    const named = namedTypes(part);
    if (named !== undefined) types = new Set([...types].filter((type) => named.has(type)));
  }
  return types;
}

/** The types of what is generated: where none is named, those that the keywords speak about. */
export function generatedTypes(parts: readonly Part[]): Set<JsonType> {
  if (parts.some(({ schema }) => schema.type !== undefined)) return realTypes(parts);
  const implied = new Set(parts.flatMap(({ schema }) => [...impliedTypes(schema)]));
  return implied.size > 0 ? implied : new Set(TYPES);
}

/** The values that the schemas' `enum`s and `const`s leave to choose from; undefined without any. */
export function listedValues(parts: readonly Part[]): readonly unknown[] | undefined {
  for (const { schema, path } of parts) {
    if ("const" in schema) return [schema.const];
    if (schema.enum === undefined) continue;
    if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum;
    throw invalid(`${path}.enum`, "must be a list of values");
  }
  return undefined;
}
