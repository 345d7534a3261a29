/** Whether what is generated for some schemas can be told to be invalid under others. */
import { type Alternatives, generatedTypes, listedValues, type Part, realTypes } from "./alternatives.js";
import { countsOf, type JsonType } from "./keywords.js";
import { boundsOf } from "./numbers.js";
import { type Members, membersOf } from "./objects.js";
import type { Place } from "./schema.js";
import { propertyPlace, type Validator } from "./values.js";

export interface Tools {
  readonly alternatives: Alternatives;
  readonly validator: Validator;
}

/**
 * Whether no value of a type that is generated for `parts` is valid under all of `others`.
 *
 * @param forbidden names of optional members that are left out; may grow, where that is what keeps the two apart
 */
export function isApart(
  tools: Tools,
  type: JsonType,
  parts: readonly Part[],
  members: Members | undefined,
  others: readonly Part[],
  forbidden: Set<string>,
): boolean {
  if (others.length === 0) return false;
  if (!realTypes(others).has(type)) return true;
  const values = listedValues(others);
  if (values !== undefined) {
    return !values.some((value) => [...parts, ...others].every((part) => tools.validator.isValid(value, part)));
  }
  if (type === "string")
    return areApart(countsOf(parts, "minLength", "maxLength"), countsOf(others, "minLength", "maxLength"));
  if (type === "array")
    return areApart(countsOf(parts, "minItems", "maxItems"), countsOf(others, "minItems", "maxItems"));
  if (type === "number" || type === "integer") return areApart(boundsOf(parts), boundsOf(others));
  return members !== undefined && areObjectsApart(tools, members, others, forbidden);
}

/** By whole numbers of things, or bounds of numbers. */
function areApart(one: { least: number; most: number }, other: { least: number; most: number }): boolean {
  return one.most < other.least || other.most < one.least;
}

function areObjectsApart(tools: Tools, members: Members, others: readonly Part[], forbidden: Set<string>): boolean {
  const theirs = membersOf(others);
  for (const [name, places] of members.places) {
    const isWritten = members.required.has(name);
    if (!isWritten && !theirs.required.has(name)) continue;
    const own = others.flatMap((part) => propertyPlace(part, name) ?? []);
    if (forbidden.has(name) || areValuesApart(tools, places, own)) return true;
  }
  const missing = [...theirs.required].filter((name) => !members.required.has(name));
  if (members.others === undefined && missing.some((name) => !members.places.has(name))) return true;
  const droppable = missing.find((name) => members.places.has(name));
  if (droppable === undefined) return false;
  forbidden.add(droppable);
  return true;
}

function areValuesApart({ alternatives, validator }: Tools, ours: readonly Place[], theirs: readonly Place[]): boolean {
  if (theirs.length === 0) return false;
  const under = alternatives.of(theirs);
  return alternatives.of(ours).every(({ parts }) => {
    const values = listedValues(parts)?.filter((value) => parts.every((part) => validator.isValid(value, part)));
    return under.every((other) => {
      if (values !== undefined)
        return !values.some((value) => other.parts.every((part) => validator.isValid(value, part)));
      const types = realTypes(other.parts);
      if (![...generatedTypes(parts)].some((type) => types.has(type))) return true;
      const listed = listedValues(other.parts);
      return (
        listed !== undefined &&
        !listed.some((value) => [...parts, ...other.parts].every((p) => validator.isValid(value, p)))
      );
    });
  });
}
