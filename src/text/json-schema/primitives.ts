/** The parts that every grammar of JSON is made of. */
import type { GrammarBuilder, Node } from "../grammar/builder.js";
import { type CharRange, complement } from "../grammar/char-class.js";

const QUOTE: CharRange = [0x22, 0x22];
const BACKSLASH: CharRange = [0x5c, 0x5c];
const CONTROL: CharRange = [0, 0x1f];
const DELETE: CharRange = [0x7f, 0x7f];

/** Characters that stand for themselves in a JSON text, without some. */
export function plainChars(without: readonly CharRange[] = []): CharRange[] {
  return complement([QUOTE, BACKSLASH, CONTROL, DELETE, ...without]);
}

export interface Primitives {
  /** At most one blank, so that a model cannot write blanks for ever. */
  readonly space: Node;
  readonly comma: Node;
  /** One character of a text, escapes included: one code point in every case. */
  readonly char: Node;
  readonly string: Node;
  readonly digit: Node;
  readonly integer: Node;
  readonly number: Node;
  readonly boolean: Node;
  readonly null: Node;
  readonly object: Node;
  readonly array: Node;
  readonly value: Node;
}

export function primitives(build: GrammarBuilder): Primitives {
  const set = (...ranges: string[]) =>
    build.chars(ranges.map((range) => [range.codePointAt(0)!, range.codePointAt(range.length - 1)!]));
  const space = build.optional(build.literal(" "));
  const comma = build.sequence(build.literal(","), space);
  const digit = set("09");
  const hex = set("09", "af", "AF");
  const quote = build.literal('"');
  const unit = build.choice(
    build.sequence(set("09", "ac", "ef", "AC", "EF"), build.repeat(hex, 3, 3)),
    build.sequence(set("dd", "DD"), set("07"), build.repeat(hex, 2, 2)),
  );
  const pair = build.sequence(
    set("dd", "DD"),
    set("89", "ab", "AB"),
    build.repeat(hex, 2, 2),
    build.literal("\\u"),
    set("dd", "DD"),
    set("cf", "CF"),
    build.repeat(hex, 2, 2),
  );
  const escaped = build.choice(
    set('"', "\\", "/", "b", "f", "n", "r", "t"),
    build.sequence(build.literal("u"), build.choice(unit, pair)),
  );
  const char = build.choice(build.chars(plainChars()), build.sequence(build.literal("\\"), escaped));
  const string = build.sequence(quote, build.repeat(char), quote);
  const natural = build.choice(build.literal("0"), build.sequence(set("19"), build.repeat(digit, 0, 15)));
  const integer = build.sequence(build.optional(build.literal("-")), natural);
  const fraction = build.sequence(build.literal("."), build.repeat(digit, 1, 16));
  const exponent = build.sequence(set("e", "E"), build.optional(set("-", "+")), build.repeat(digit, 1, 2));
  const number = build.sequence(integer, build.optional(fraction), build.optional(exponent));
  const boolean = build.literals(["true", "false"]);
  const nothing = build.literal("null");
  const value = build.rule();
  const member = build.sequence(string, build.literal(":"), space, value);
  const list = (item: Node) => build.optional(build.sequence(item, build.repeat(build.sequence(comma, item))));
  const object = build.sequence(build.literal("{"), list(member), build.literal("}"));
  const array = build.sequence(build.literal("["), list(value), build.literal("]"));
  build.define(value, build.choice(object, array, string, number, boolean, nothing));
  return { space, comma, char, string, digit, integer, number, boolean, null: nothing, object, array, value };
}
