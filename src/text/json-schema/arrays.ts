/** Arrays: the items that have schemas of their own, then others. */
import type { GrammarBuilder, Node } from "../grammar/builder.js";
import type { Part } from "./alternatives.js";
import { countsOf } from "./keywords.js";
import type { Primitives } from "./primitives.js";
import { invalid, type Place, unsupported } from "./schema.js";
import { itemPlace } from "./values.js";

export function arrayNode(
  build: GrammarBuilder,
  json: Primitives,
  parts: readonly Part[],
  nodeOf: (places: readonly Place[]) => Node,
): Node {
  const { least, most } = countsOf(parts, "minItems", "maxItems");
  if (least > most) throw invalid(`${parts[0]!.path}.maxItems`, "is below minItems");
  const firsts = parts.map(firstCount);
  const listed = Math.max(...firsts);
  const placesAt = (index: number) => parts.flatMap((part) => itemPlace(part, index) ?? []);
  const places = Array.from({ length: Math.min(listed, most) }, (_, i) => placesAt(i));
  const restPlaces = placesAt(listed);
  // Items beyond a list of schemas come only where the schema speaks of them.
  const speaksOfRest = listed === 0 || restPlaces.length > 0 || least > listed;
  const isRestOpen = speaksOfRest && most > listed && restPlaces.every(({ schema }) => schema !== false);
  const unique = parts.find(({ schema }) => schema.uniqueItems === true);
  if (unique !== undefined && (places.length > 1 || (isRestOpen && most > 1))) {
    throw unsupported(`${unique.path}.uniqueItems`, "for more than one item");
  }
  const items = places.flatMap((item, i) => (i === 0 ? [nodeOf(item)] : [json.comma, nodeOf(item)]));
  return build.sequence(build.literal("["), ...items, isRestOpen ? rest() : closed(), build.literal("]"));

  function closed(): Node {
    return least > places.length ? build.never : build.empty;
  }

  function rest(): Node {
    const item = nodeOf(restPlaces);
    const next = build.sequence(json.comma, item);
    const missing = Math.max(0, least - listed);
    const room = most === Number.POSITIVE_INFINITY ? undefined : most - listed;
    if (listed > 0) return build.repeat(next, missing, room);
    const some = build.sequence(
      item,
      build.repeat(next, Math.max(0, missing - 1), room === undefined ? undefined : room - 1),
    );
    return missing > 0 ? some : build.optional(some);
  }
}

function firstCount({ schema, path }: Part): number {
  const key = Array.isArray(schema.items) ? "items" : "prefixItems";
  const first = schema[key] ?? [];
  if (!Array.isArray(first)) throw invalid(`${path}.${key}`, "must be a list of schemas");
  return first.length;
}
