/** What can stand after `is`. */
import { TemplateError } from "./errors.js";
import { compareBy, contains } from "./operators.js";
import { Callable, equals, Float, numberOf, Undefined, type Value } from "./values.js";

type Test = (value: Value, ...args: readonly Value[]) => boolean;

const isNumber: Test = (value) => numberOf(value) !== undefined;
const isSequence: Test = (value) => typeof value === "string" || Array.isArray(value) || value instanceof Map;
const by =
  (operator: string): Test =>
  (value, other) =>
    compareBy(operator, value, other ?? null);

const whole = (value: Value): number => {
  const number = numberOf(value);
  if (number === undefined) throw new TemplateError("odd, even and divisibleby are asked of numbers");
  return number;
};

export const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  true: (value) => value === true,
  false: (value) => value === false,
  integer: (value) => typeof value === "number",
  float: (value) => value instanceof Float,
  number: isNumber,
  string: (value) => typeof value === "string",
  mapping: (value) => value instanceof Map,
  // A Python dict and an undefined value have a length and items too.
  sequence: (value) => isSequence(value) || value instanceof Undefined,
  iterable: (value) => isSequence(value) || value instanceof Undefined,
  callable: (value) => value instanceof Callable,
  sameas: (value, other) => value === other,
  escaped: () => false,
  odd: (value) => Math.abs(whole(value) % 2) === 1,
  even: (value) => whole(value) % 2 === 0,
  divisibleby: (value, by) => whole(value) % whole(by ?? null) === 0,
  lower: (value) => typeof value === "string" && /\p{Ll}/u.test(value) && value === value.toLowerCase(),
  upper: (value) => typeof value === "string" && /\p{Lu}/u.test(value) && value === value.toUpperCase(),
  in: (value, container) => contains(container ?? null, value),
  eq: (value, other) => equals(value, other ?? null),
  equalto: (value, other) => equals(value, other ?? null),
  "==": (value, other) => equals(value, other ?? null),
  ne: by("!="),
  "!=": by("!="),
  lt: by("<"),
  lessthan: by("<"),
  "<": by("<"),
  le: by("<="),
  "<=": by("<="),
  gt: by(">"),
  greaterthan: by(">"),
  ">": by(">"),
  ge: by(">="),
  ">=": by(">="),
};

/** @throws TemplateError for a test that there is not */
export function runTest(name: string, value: Value, args: readonly Value[]): boolean {
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (test === undefined) throw new TemplateError(`there is no test "${name}"`);
  return test(value, ...args);
}
