/**
 * JSON schema → GBNF, the grammar notation of llama.cpp.
 *
 * What is in the schema is enforced; a keyword that cannot be is refused by name, never ignored. Objects have their
 * properties in the order of the schema; unless `additionalProperties` says otherwise they have no others.
 */
import { SluiceError } from "../errors.js";
import { FORMATS, PRIMITIVES } from "./json-grammar.js";

export { JSON_GRAMMAR } from "./json-grammar.js";

const MAX_RULES = 2000;
const MAX_DEPTH = 64;
const MAX_REPEAT = 10_000;

/** Keywords that describe and do not constrain. */
const ANNOTATIONS = [
  "$schema",
  "$id",
  "$comment",
  "$defs",
  "definitions",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$ref",
];

/** Keywords that each kind of schema understands. */
const KEYWORDS = {
  object: ["type", "properties", "required", "additionalProperties"],
  array: ["type", "items", "prefixItems", "minItems", "maxItems"],
  string: ["type", "minLength", "maxLength", "format"],
  scalar: ["type"],
  choice: ["type", "enum", "const"],
  union: ["anyOf", "oneOf", "type"],
  all: ["allOf", "type"],
} as const;

type Schema = Readonly<Record<string, unknown>>;

/**
 * A grammar that accepts exactly the JSON texts that the schema describes, with at most one space after `:` and `,`.
 *
 * @throws SluiceError `unsupported_field` (a keyword that cannot be enforced) or `invalid_request` (not a schema)
 */
export function grammarOfSchema(schema: Schema): string {
  return new GrammarWriter(schema).write();
}

class GrammarWriter {
  readonly #root: Schema;
  readonly #rules = new Map<string, string>();
  readonly #references = new Map<string, string>();

  constructor(root: Schema) {
    this.#root = root;
  }

  write(): string {
    const root = this.#visit(this.#root, "$", 0);
    const lines = [...this.#rules].map(([name, body]) => `${name} ::= ${body}`);
    return [`root ::= ${root}`, ...lines, ...PRIMITIVES].join("\n");
  }

  /** Returns an expression for the schema at `path`. */
  #visit(schema: unknown, path: string, depth: number): string {
    if (schema === true || isEmpty(schema)) return "value";
    if (!isObject(schema)) throw invalid(path, "must be an object or true");
    if (depth > MAX_DEPTH) throw invalid(path, `is nested more than ${MAX_DEPTH} deep`);
    if (typeof schema.$ref === "string") return this.#reference(schema, schema.$ref, path, depth);
    if ("const" in schema || "enum" in schema) return this.#choice(schema, path);
    const union = schema.anyOf ?? schema.oneOf;
    if (union !== undefined) return this.#union(schema, union, path, depth);
    if (schema.allOf !== undefined) return this.#all(schema, path, depth);
    if (Array.isArray(schema.type)) {
      const kinds = schema.type.map((type) => this.#visit(narrowed(schema, type), path, depth + 1));
      return this.#rule(kinds.join(" | "));
    }
    return this.#typed(schema, path, depth);
  }

  #typed(schema: Schema, path: string, depth: number): string {
    const type = schema.type ?? impliedType(schema);
    switch (type) {
      case "object":
        return this.#object(schema, path, depth);
      case "array":
        return this.#array(schema, path, depth);
      case "string":
        return this.#string(schema, path);
      case "number":
      case "integer":
      case "boolean":
      case "null":
        check(schema, KEYWORDS.scalar, path);
        return String(type);
      case undefined:
        check(schema, KEYWORDS.scalar, path);
        return "value";
      default:
        throw invalid(`${path}.type`, `must be a JSON type, got ${JSON.stringify(type)?.slice(0, 50)}`);
    }
  }

  #reference(schema: Schema, reference: string, path: string, depth: number): string {
    check(schema, ["$ref"], path);
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    const name = `ref${this.#references.size}`;
    this.#references.set(reference, name);
    this.#define(name, this.#visit(this.#resolve(reference, path), reference, depth + 1));
    return name;
  }

  #resolve(reference: string, path: string): unknown {
    if (!reference.startsWith("#")) throw invalid(`${path}.$ref`, "must point into the same schema (#/…)");
    let target: unknown = this.#root;
    for (const part of reference.slice(1).split("/").filter(Boolean)) {
      const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    if (target === undefined) throw invalid(`${path}.$ref`, `points to nothing: ${reference.slice(0, 100)}`);
    return target;
  }

  #choice(schema: Schema, path: string): string {
    check(schema, KEYWORDS.choice, path);
    const values = "const" in schema ? [schema.const] : schema.enum;
    if (!Array.isArray(values) || values.length === 0) throw invalid(`${path}.enum`, "must be a list of values");
    return this.#rule(values.map((value) => literal(JSON.stringify(value))).join(" | "));
  }

  #union(schema: Schema, union: unknown, path: string, depth: number): string {
    check(schema, KEYWORDS.union, path);
    if (!Array.isArray(union) || union.length === 0) throw invalid(`${path}.anyOf`, "must be a list of schemas");
    return this.#rule(union.map((branch, i) => this.#visit(branch, `${path}.anyOf.${i}`, depth + 1)).join(" | "));
  }

  #all(schema: Schema, path: string, depth: number): string {
    check(schema, KEYWORDS.all, path);
    const parts = schema.allOf;
    if (!Array.isArray(parts) || parts.length !== 1) throw unsupported(`${path}.allOf`, "with more than one schema");
    return this.#visit(parts[0], `${path}.allOf.0`, depth + 1);
  }

  /**
   * `{` members `}` as a chain of rules from the last property to the first. `tail` continues after a member and starts
   * with its comma; `head` is where no member was written yet.
   */
  #object(schema: Schema, path: string, depth: number): string {
    check(schema, KEYWORDS.object, path);
    const properties = schema.properties ?? {};
    if (!isObject(properties)) throw invalid(`${path}.properties`, "must be an object");
    const required = this.#required(schema, properties, path);
    const extra = this.#extraMember(schema, path, depth);
    let tail = extra === undefined ? '""' : this.#rule(`("," space ${extra})*`);
    let head = extra === undefined ? '""' : this.#rule(`(${extra} ${tail})?`);
    for (const [name, type] of Object.entries(properties).toReversed()) {
      const value = this.#visit(type, `${path}.properties.${name}`, depth + 1);
      const member = `${literal(JSON.stringify(name))} ":" space ${value}`;
      const must = required.has(name);
      head = this.#rule(must ? `${member} ${tail}` : `${member} ${tail} | ${head}`);
      tail = this.#rule(must ? `"," space ${member} ${tail}` : `("," space ${member})? ${tail}`);
    }
    return this.#rule(`"{" ${head} "}"`);
  }

  #required(schema: Schema, properties: Schema, path: string): Set<unknown> {
    const required = schema.required ?? [];
    if (!Array.isArray(required)) throw invalid(`${path}.required`, "must be a list of names");
    const missing = required.find((name) => typeof name !== "string" || !Object.hasOwn(properties, name));
    if (missing !== undefined) throw invalid(`${path}.required`, `names ${JSON.stringify(missing)}, no property`);
    return new Set(required);
  }

  #extraMember(schema: Schema, path: string, depth: number): string | undefined {
    const extra = schema.additionalProperties ?? (schema.properties === undefined ? true : undefined);
    if (extra === undefined || extra === false) return undefined;
    return `string ":" space ${this.#visit(extra, `${path}.additionalProperties`, depth + 1)}`;
  }

  #array(schema: Schema, path: string, depth: number): string {
    check(schema, KEYWORDS.array, path);
    const first = schema.prefixItems ?? [];
    if (!Array.isArray(first)) throw invalid(`${path}.prefixItems`, "must be a list of schemas");
    const fixed = first.map((item, i) => this.#visit(item, `${path}.prefixItems.${i}`, depth + 1));
    const { min, max } = bounds(schema, "minItems", "maxItems", path);
    if (fixed.length > 0) {
      if (min > fixed.length || (max ?? fixed.length) < fixed.length) throw invalid(path, "has items that never fit");
      if (schema.items !== undefined && schema.items !== false) throw unsupported(`${path}.items`, "after prefixItems");
      return this.#rule(`"[" ${fixed.join(' "," space ')} "]"`);
    }
    if (max === 0) return this.#rule('"[" "]"');
    const item = this.#visit(schema.items ?? true, `${path}.items`, depth + 1);
    const more = repeat(`("," space ${item})`, Math.max(0, min - 1), max === undefined ? undefined : max - 1);
    return this.#rule(min === 0 ? `"[" (${item} ${more})? "]"` : `"[" ${item} ${more} "]"`);
  }

  #string(schema: Schema, path: string): string {
    check(schema, KEYWORDS.string, path);
    if (schema.format !== undefined) {
      const known = typeof schema.format === "string" ? FORMATS[schema.format] : undefined;
      if (known === undefined) throw unsupported(`${path}.format`, `${JSON.stringify(schema.format)?.slice(0, 50)}`);
      return this.#rule(known);
    }
    const { min, max } = bounds(schema, "minLength", "maxLength", path);
    if (min === 0 && max === undefined) return "string";
    return this.#rule(`"\\"" ${repeat("char", min, max)} "\\""`);
  }

  #rule(body: string): string {
    const name = `r${this.#rules.size}`;
    this.#define(name, body);
    return name;
  }

  #define(name: string, body: string): void {
    if (this.#rules.size >= MAX_RULES) throw invalid("$", `is too large: more than ${MAX_RULES} grammar rules`);
    this.#rules.set(name, body);
  }
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(schema: unknown): boolean {
  return isObject(schema) && Object.keys(schema).every((key) => key !== "$ref" && ANNOTATIONS.includes(key));
}

/** The schema with only one of its types and the keywords that belong to that type. */
function narrowed(schema: Schema, type: unknown): Schema {
  const owners = Object.entries(KEYWORDS).filter(
    ([kind]) => kind === "object" || kind === "array" || kind === "string",
  );
  const foreign = owners.flatMap(([kind, keywords]) => (kind === type ? [] : keywords.filter((key) => key !== "type")));
  return {
    ...Object.fromEntries(Object.entries(schema).filter(([key]) => !(foreign as string[]).includes(key))),
    type,
  };
}

function impliedType(schema: Schema): string | undefined {
  if ("properties" in schema || "additionalProperties" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : undefined;
}

function check(schema: Schema, known: readonly string[], path: string): void {
  const other = Object.keys(schema).find((key) => !known.includes(key) && !ANNOTATIONS.includes(key));
  if (other !== undefined) throw unsupported(`${path}.${other}`, "here");
}

function bounds(schema: Schema, minKey: string, maxKey: string, path: string) {
  const min = schema[minKey] ?? 0;
  const max = schema[maxKey];
  for (const value of [min, max ?? 0]) {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > MAX_REPEAT) {
      throw invalid(`${path}.${minKey}/${maxKey}`, `must be whole numbers from 0 to ${MAX_REPEAT}`);
    }
  }
  if (max !== undefined && (max as number) < (min as number)) throw invalid(`${path}.${maxKey}`, `is below ${minKey}`);
  return { min: min as number, max: max as number | undefined };
}

function repeat(what: string, min: number, max: number | undefined): string {
  if (max === 0) return '""';
  if (max === undefined) return min === 0 ? `${what}*` : `${what}{${min},}`;
  return `${what}{${min},${max}}`;
}

/** A JSON text as a GBNF literal. */
function literal(json: string): string {
  return `"${json.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

const FIELD = "response_format";

function invalid(path: string, what: string): SluiceError {
  return new SluiceError("invalid_request", `${FIELD}: schema ${path.slice(0, 200)} ${what}.`, { field: FIELD });
}

function unsupported(path: string, what: string): SluiceError {
  return new SluiceError("unsupported_field", `${FIELD}: schema ${path.slice(0, 200)} is not supported ${what}.`, {
    field: FIELD,
  });
}
