/** A JSON schema as it came, and the places in it. */
import { SluiceError } from "../../errors.js";

export type Schema = Readonly<Record<string, unknown>>;

/** A schema inside the schema, with where it stands: `$.properties.a`. */
export interface Place {
  readonly schema: Schema | boolean;
  readonly path: string;
}

/** The field that errors name. */
const FIELD = "response_format";
const MAX_PATH_CHARS = 200;

/** JSON that is nested deeper is refused before anything walks it. */
export const MAX_DEPTH = 256;

export function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws SluiceError `invalid_request` when a value is no schema */
export function placeOf(value: unknown, path: string): Place {
  if (typeof value === "boolean" || isObject(value)) return { schema: value, path };
  throw invalid(path, "must be an object, true or false");
}

/** The schema under a keyword. */
export function placeUnder(parent: Place & { readonly schema: Schema }, ...keys: (string | number)[]): Place {
  let value: unknown = parent.schema;
  for (const key of keys) value = (value as Record<string | number, unknown>)[key];
  return placeOf(value, `${parent.path}.${keys.join(".")}`);
}

/** The schemas of a list under a keyword. */
export function placesUnder(parent: Place & { readonly schema: Schema }, key: string): Place[] {
  const list = parent.schema[key];
  if (!Array.isArray(list) || list.length === 0) throw invalid(`${parent.path}.${key}`, "must be a list of schemas");
  return list.map((value, i) => placeOf(value, `${parent.path}.${key}.${i}`));
}

export function invalid(path: string, what: string): SluiceError {
  return new SluiceError("invalid_request", `${FIELD}: schema ${shortened(path)} ${what}.`, { field: FIELD });
}

export function unsupported(path: string, what: string): SluiceError {
  const message = `${FIELD}: schema ${shortened(path)} is not supported ${what}.`;
  return new SluiceError("unsupported_field", message, { field: FIELD });
}

export function tooCostly(what: string): SluiceError {
  return new SluiceError("grammar_too_costly", `${FIELD}: schema ${what}.`, { field: FIELD });
}

function shortened(path: string): string {
  return path.length <= MAX_PATH_CHARS ? path : `${path.slice(0, MAX_PATH_CHARS)}…`;
}

/**
 * Walks JSON without recursion.
 *
 * @throws SluiceError `invalid_request` when it is nested deeper than {@link MAX_DEPTH}
 */
export function checkDepth(root: unknown): void {
  const open: [value: unknown, path: string, depth: number][] = [[root, "$", 0]];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const [value, path, depth] = item;
    if (typeof value !== "object" || value === null) continue;
    if (depth > MAX_DEPTH) throw invalid(path, `is nested more than ${MAX_DEPTH} deep`);
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === "object")
        open.push([child, path.length > MAX_PATH_CHARS ? path : `${path}.${key}`, depth + 1]);
    }
  }
}
