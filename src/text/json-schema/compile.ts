/**
 * JSON schema → grammar.
 *
 * What is in the schema is held; a keyword that cannot be is refused by name, never ignored. Objects have their
 * properties in the order of the schema; unless `additionalProperties` says otherwise they have no others.
 *
 * Schemas that must hold at once are compiled once, however many places they stand in, one after the other from a list:
 * neither depth nor references that cross multiply the work, and what remains is counted.
 */
import { GrammarBuilder, GrammarTooLarge, type Node } from "../grammar/builder.js";
import type { GrammarProgram } from "../grammar/program.js";
import { type Alternative, Alternatives, generatedTypes, listedValues, type Part } from "./alternatives.js";
import { arrayNode } from "./arrays.js";
import { isApart } from "./disjoint.js";
import type { JsonType } from "./keywords.js";
import { numberNode } from "./numbers.js";
import { type Members, membersOf, objectNode } from "./objects.js";
import { type Primitives, primitives } from "./primitives.js";
import { References } from "./references.js";
import { checkDepth, invalid, type Place, type Schema, tooCostly, unsupported } from "./schema.js";
import { stringNode } from "./strings.js";
import { canonical, Validator } from "./values.js";

/** Nodes of a grammar, and steps of work to make it, that a schema may take: some tenths of a second. */
export const MAX_SCHEMA_WORK = 200_000;

/**
 * A grammar that accepts JSON texts that are valid under the schema, with at most one space after `:` and `,`.
 *
 * @param maxWork see {@link MAX_SCHEMA_WORK}
 * @throws SluiceError `unsupported_field` (a keyword that cannot be held), `invalid_request` (not a schema, or one that no
 *   value can be valid under), `grammar_too_costly`
 */
export function compileSchema(schema: Schema, maxWork: number = MAX_SCHEMA_WORK): GrammarProgram {
  checkDepth(schema);
  try {
    return new SchemaCompiler(schema, maxWork).compile();
  } catch (error) {
    if (error instanceof GrammarTooLarge) throw tooCostly("is too large, or combines too much");
    throw error;
  }
}

/** A grammar of any JSON object: `response_format: {"type": "json_object"}`. */
export function compileAnyObject(): GrammarProgram {
  const build = new GrammarBuilder(MAX_SCHEMA_WORK);
  return build.finish(primitives(build).object) as GrammarProgram;
}

class SchemaCompiler {
  readonly #build: GrammarBuilder;
  readonly #json: Primitives;
  readonly #alternatives: Alternatives;
  readonly #validator: Validator;
  readonly #nodes = new Map<string, Node>();
  readonly #open: { readonly rule: Node; readonly places: readonly Place[] }[] = [];
  #work = 0;

  constructor(
    private readonly root: Schema,
    private readonly maxWork: number,
  ) {
    this.#build = new GrammarBuilder(maxWork);
    this.#json = primitives(this.#build);
    const references = new References(root);
    this.#alternatives = new Alternatives(references, (work) => this.#spend(work));
    this.#validator = new Validator(references, () => this.#spend(1));
  }

  compile(): GrammarProgram {
    const root = this.#nodeOf([{ schema: this.root, path: "$" }]);
    for (let item = this.#open.pop(); item !== undefined; item = this.#open.pop()) {
      this.#build.define(item.rule, this.#bodyOf(item.places));
    }
    const program = this.#build.finish(root);
    if (program === "endless") throw invalid("$", "can never be completed: a value would have to hold itself");
    if (program === "left-recursive") throw invalid("$", "refers to itself without anything between");
    return program;
  }

  /** The node of values that are valid under all of these; its body is made later. */
  #nodeOf(places: readonly Place[]): Node {
    const meant = places.map((place) => this.#alternatives.meant(place)).filter(({ schema }) => schema !== true);
    if (meant.some(({ schema }) => schema === false)) return this.#build.never;
    if (meant.length === 0) return this.#json.value;
    const key = this.#alternatives.keyOf(meant);
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = this.#build.rule();
      this.#nodes.set(key, node);
      this.#open.push({ rule: node, places: meant });
    }
    return node;
  }

  #bodyOf(places: readonly Place[]): Node {
    const ways = this.#alternatives.of(places);
    const options = ways.flatMap((way) => this.#optionsOf(way));
    const literals = options.flatMap((option) => (typeof option === "string" ? [option] : []));
    const nodes = options.flatMap((option) => (typeof option === "string" ? [] : [option]));
    const { path } = places[0]!;
    const body = this.#build.choice(...(literals.length > 0 ? [this.#build.literals(literals)] : []), ...nodes);
    if (body === this.#build.never)
      throw invalid(path, "leaves no value that is valid: its keywords exclude each other");
    return body;
  }

  /** Constants as their texts, everything else as nodes. */
  #optionsOf({ parts, excluded }: Alternative): (string | Node)[] {
    const values = listedValues(parts);
    if (values === undefined) return this.#typeNodes(parts, excluded);
    const left = values.filter((value) => parts.every((part) => this.#validator.isValid(value, part)));
    const kept = left.filter((value) => !excluded.some((place) => this.#validator.isValid(value, place)));
    return [...new Map(kept.map((value) => [canonical(value), JSON.stringify(value)])).values()];
  }

  /** Types that cannot be told from what is excluded are left out as long as another remains. */
  #typeNodes(parts: readonly Part[], excluded: readonly Place[]): Node[] {
    const types = generatedTypes(parts);
    let overlap: Place | undefined;
    const nodes = [...types].flatMap((type) => {
      // Integers are among the numbers where both may come.
      if (type === "integer" && types.has("number")) return [];
      const members = type === "object" && parts.length > 0 ? membersOf(parts) : undefined;
      const forbidden = new Set<string>();
      const near = excluded.find((place) => !this.#isApart(type, parts, members, place, forbidden));
      overlap ??= near;
      return near === undefined ? [this.#typeNode(type, parts, members, forbidden)] : [];
    });
    if (nodes.length > 0 || overlap === undefined) return nodes;
    throw unsupported(overlap.path, "beside what it would have to exclude: a value could be valid under both");
  }

  #typeNode(
    type: JsonType,
    parts: readonly Part[],
    members: Members | undefined,
    forbidden: ReadonlySet<string>,
  ): Node {
    const [build, json] = [this.#build, this.#json];
    const nodeOf = (places: readonly Place[]) => this.#nodeOf(places);
    if (type === "boolean" || type === "null") return json[type];
    if (type === "integer" || type === "number") return numberNode(build, json, parts, type === "integer");
    if (type === "string") return stringNode(build, json, parts);
    if (type === "array") return parts.length === 0 ? json.array : arrayNode(build, json, parts, nodeOf);
    if (members === undefined) return json.object;
    const places = new Map([...members.places].map(([name, own]) => [name, forbidden.has(name) ? NEVER : own]));
    return objectNode(build, json, parts, { ...members, places }, nodeOf);
  }

  #isApart(type: JsonType, parts: readonly Part[], members: Members | undefined, place: Place, forbidden: Set<string>) {
    const tools = { alternatives: this.#alternatives, validator: this.#validator };
    return this.#alternatives
      .of([place])
      .every((other) => isApart(tools, type, parts, members, other.parts, forbidden));
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > this.maxWork) throw new GrammarTooLarge();
  }
}

const NEVER: readonly Place[] = [{ schema: false, path: "" }];
