/** Numbers between bounds. */
import type { GrammarBuilder, Node } from "../grammar/builder.js";
import type { Part } from "./alternatives.js";
import type { Primitives } from "./primitives.js";
import { invalid, unsupported } from "./schema.js";
import { type NumberBounds, numberBounds } from "./values.js";

export function numberNode(build: GrammarBuilder, json: Primitives, parts: readonly Part[], integer: boolean): Node {
  const bounds = boundsOf(parts);
  const isOpen = bounds.least === Number.NEGATIVE_INFINITY && bounds.most === Number.POSITIVE_INFINITY;
  if (isOpen) return integer ? json.integer : json.number;
  const { path } = parts.find((part) => numberBounds(part).least > -Infinity || numberBounds(part).most < Infinity)!;
  if (!integer) throw unsupported(`${path}.minimum/maximum`, "for numbers that are not integers");
  const least = Math.max(
    bounds.aboveLeast ? Math.floor(bounds.least) + 1 : Math.ceil(bounds.least),
    -Number.MAX_SAFE_INTEGER,
  );
  const most = Math.min(
    bounds.belowMost ? Math.ceil(bounds.most) - 1 : Math.floor(bounds.most),
    Number.MAX_SAFE_INTEGER,
  );
  if (!(least <= most)) throw invalid(path, "leaves no number between its bounds");
  const options: Node[] = [];
  if (most >= 0) options.push(naturals(build, json, Math.max(least, 0), most));
  if (least < 0) options.push(build.sequence(build.literal("-"), naturals(build, json, Math.max(-most, 1), -least)));
  return build.choice(...options);
}

/** The narrowest of the schemas' bounds. */
export function boundsOf(parts: readonly Part[]): NumberBounds {
  return parts.map(numberBounds).reduce(
    (one, other) => ({
      least: Math.max(one.least, other.least),
      most: Math.min(one.most, other.most),
      aboveLeast: (one.aboveLeast && one.least >= other.least) || (other.aboveLeast && other.least >= one.least),
      belowMost: (one.belowMost && one.most <= other.most) || (other.belowMost && other.most <= one.most),
    }),
    { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, aboveLeast: false, belowMost: false },
  );
}

function naturals(build: GrammarBuilder, json: Primitives, least: number, most: number): Node {
  const options: Node[] = [];
  for (let digits = String(least).length; digits <= String(most).length; digits++) {
    const first = Math.max(least, digits === 1 ? 0 : 10 ** (digits - 1));
    const last = Math.min(most, 10 ** digits - 1);
    options.push(sameLength(build, json, String(first), String(last)));
  }
  return build.choice(...options);
}

/** Digits from a text to another of the same length. */
function sameLength(build: GrammarBuilder, json: Primitives, first: string, last: string): Node {
  if (first === "") return build.empty;
  const rest = first.length - 1;
  if (/^0*$/.test(first) && /^9*$/.test(last)) return build.repeat(json.digit, rest + 1, rest + 1);
  const [low, high] = [Number(first[0]), Number(last[0])];
  const from = (digit: number, one: string, other: string) =>
    build.sequence(build.literal(String(digit)), sameLength(build, json, one, other));
  if (low === high) return from(low, first.slice(1), last.slice(1));
  const between =
    high - low > 1
      ? [build.sequence(build.chars([[0x30 + low + 1, 0x30 + high - 1]]), build.repeat(json.digit, rest, rest))]
      : [];
  return build.choice(
    from(low, first.slice(1), "9".repeat(rest)),
    ...between,
    from(high, "0".repeat(rest), last.slice(1)),
  );
}
