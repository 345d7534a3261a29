/** Texts of a length or a format. */
import type { GrammarBuilder, Node } from "../grammar/builder.js";
import type { Part } from "./alternatives.js";
import { countsOf } from "./keywords.js";
import type { Primitives } from "./primitives.js";
import { invalid, unsupported } from "./schema.js";

export function stringNode(build: GrammarBuilder, json: Primitives, parts: readonly Part[]): Node {
  const { least, most } = countsOf(parts, "minLength", "maxLength");
  const quoted = (content: Node) => build.sequence(build.literal('"'), content, build.literal('"'));
  if (least > most) throw invalid(`${parts[0]!.path}.maxLength`, "is below minLength");
  const formats = parts.filter(({ schema }) => schema.format !== undefined);
  const [first] = formats;
  if (first === undefined)
    return quoted(build.repeat(json.char, least, most === Number.POSITIVE_INFINITY ? undefined : most));
  const name = first.schema.format;
  const format = typeof name === "string" && Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  const path = `${first.path}.format`;
  if (format === undefined) throw unsupported(path, `as ${JSON.stringify(name)?.slice(0, 50)}`);
  if (formats.some(({ schema }) => schema.format !== name)) throw unsupported(path, "beside another format");
  if (least > 0 || most < Number.POSITIVE_INFINITY) throw unsupported(path, "beside minLength and maxLength");
  return quoted(format(build, json));
}

type Format = (build: GrammarBuilder, json: Primitives) => Node;

const two = (build: GrammarBuilder, first: number, last: number): Node =>
  build.literals(Array.from({ length: last - first + 1 }, (_, i) => String(first + i).padStart(2, "0")));

/** Every day that there is: a month has its days, February its 29th in leap years alone. */
const date: Format = (build, { digit }) => {
  const days = (last: number) => two(build, 1, last);
  const months = (...names: string[]) => build.literals(names);
  const monthAndDay = build.choice(
    build.sequence(months("01-", "03-", "05-", "07-", "08-", "10-", "12-"), days(31)),
    build.sequence(months("04-", "06-", "09-", "11-"), days(30)),
    build.sequence(months("02-"), days(28)),
  );
  const fours = Array.from({ length: 25 }, (_, i) => String(4 * i).padStart(2, "0"));
  const leapYear = build.choice(
    build.sequence(digit, digit, build.literals(fours.slice(1))),
    build.sequence(build.literals(fours), build.literal("00")),
  );
  return build.choice(
    build.sequence(build.repeat(digit, 4, 4), build.literal("-"), monthAndDay),
    build.sequence(leapYear, build.literal("-02-29")),
  );
};

const time: Format = (build, { digit }) => {
  const hour = two(build, 0, 23);
  const sixty = two(build, 0, 59);
  const colon = build.literal(":");
  const fraction = build.optional(build.sequence(build.literal("."), build.repeat(digit, 1, 6)));
  const offset = build.sequence(build.literals(["+", "-"]), hour, colon, sixty);
  return build.sequence(hour, colon, sixty, colon, sixty, fraction, build.choice(build.literal("Z"), offset));
};

const uuid: Format = (build) => {
  const hex = build.chars([
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ]);
  const groups = [8, 4, 4, 4, 12].map((length) => build.repeat(hex, length, length));
  return build.sequence(...groups.flatMap((group, i) => (i === 0 ? [group] : [build.literal("-"), group])));
};

const ipv4: Format = (build) => {
  const byte = build.literals(Array.from({ length: 256 }, (_, i) => String(i)));
  return build.sequence(byte, build.repeat(build.sequence(build.literal("."), byte), 3, 3));
};

/** Formats that can be held, by their names. */
const FORMATS: Readonly<Record<string, Format>> = {
  date,
  time,
  uuid,
  ipv4,
  "date-time": (build, json) => build.sequence(date(build, json), build.literal("T"), time(build, json)),
};
