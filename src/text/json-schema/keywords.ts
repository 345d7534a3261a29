/** The keywords that a schema may have here, and the types that they speak about. */
import { invalid, isObject, type Place, type Schema, unsupported } from "./schema.js";

export const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
export type JsonType = (typeof TYPES)[number];

/** Keywords that describe and do not constrain. */
const ANNOTATIONS = new Set([
  "$schema",
  "$id",
  "id",
  "$anchor",
  "$comment",
  "$defs",
  "$vocabulary",
  "definitions",
  "title",
  "description",
  "default",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "writeOnly",
  "contentEncoding",
  "contentMediaType",
]);

/** Keywords that speak about one type of value: where there is no `type`, they imply it. */
const TYPED: Readonly<Record<string, JsonType>> = {
  properties: "object",
  required: "object",
  additionalProperties: "object",
  minProperties: "object",
  maxProperties: "object",
  items: "array",
  prefixItems: "array",
  additionalItems: "array",
  minItems: "array",
  maxItems: "array",
  uniqueItems: "array",
  minLength: "string",
  maxLength: "string",
  format: "string",
  minimum: "number",
  maximum: "number",
  exclusiveMinimum: "number",
  exclusiveMaximum: "number",
};

/** Keywords that put schemas together, or say what a value is whatever its type. */
const GENERAL = new Set([
  "type",
  "enum",
  "const",
  "$ref",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "nullable",
]);

/** @throws SluiceError `unsupported_field` for a keyword that cannot be held */
export function checkKeywords(schema: Schema, path: string): void {
  for (const key of Object.keys(schema)) {
    if (GENERAL.has(key) || ANNOTATIONS.has(key) || Object.hasOwn(TYPED, key) || key.startsWith("x-")) continue;
    throw unsupported(`${path}.${key}`, "here");
  }
}

/** Whether a schema says nothing about a value. */
export function saysNothing(schema: Schema): boolean {
  return Object.keys(schema).every((key) => ANNOTATIONS.has(key) || key.startsWith("x-"));
}

/** The types that a schema's `type` names; undefined without one. "number" includes "integer". */
export function namedTypes({ schema, path }: Place): ReadonlySet<JsonType> | undefined {
  if (!isObject(schema) || schema.type === undefined) return undefined;
  const list: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (list.length === 0) throw invalid(`${path}.type`, "must name at least one type");
  const wrong = list.find((type) => !(TYPES as readonly unknown[]).includes(type));
  if (wrong !== undefined)
    throw invalid(`${path}.type`, `must be a JSON type, got ${JSON.stringify(wrong)?.slice(0, 50)}`);
  const types = new Set(list as JsonType[]);
  if (types.has("number")) types.add("integer");
  if (schema.nullable === true) types.add("null");
  return types;
}

/** The types that a schema's keywords speak about. */
export function impliedTypes(schema: Schema): Set<JsonType> {
  const types = new Set(Object.keys(schema).flatMap((key) => (Object.hasOwn(TYPED, key) ? [TYPED[key]!] : [])));
  if (types.has("number")) types.add("integer");
  return types;
}

export function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as JsonType;
}

/** A keyword whose value must be a whole number that is not negative. */
export function countUnder({ schema, path }: Place, key: string): number | undefined {
  const value = (schema as Schema)[key];
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COUNT) return value as number;
  throw invalid(`${path}.${key}`, `must be a whole number from 0 to ${MAX_COUNT}`);
}

const MAX_COUNT = 2 ** 30;

/** The narrowest of what several schemas say about a number of things. */
export function countsOf(parts: readonly Place[], leastKey: string, mostKey: string): { least: number; most: number } {
  let [least, most] = [0, Number.POSITIVE_INFINITY];
  for (const part of parts) {
    least = Math.max(least, countUnder(part, leastKey) ?? 0);
    most = Math.min(most, countUnder(part, mostKey) ?? Number.POSITIVE_INFINITY);
  }
  return { least, most };
}
