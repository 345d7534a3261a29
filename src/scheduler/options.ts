import { SluiceError } from "../errors.js";

/** Options described as data: one place for default, range and help. */
export interface NumberOption {
  readonly kind: "number";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly help: string;
}

export interface BooleanOption {
  readonly kind: "boolean";
  readonly default: boolean;
  readonly help: string;
}

export type OptionSpec = NumberOption | BooleanOption;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionValue = number | boolean;
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends BooleanOption ? boolean : number;
};

/** A whole number from `min` to `max`. */
export function count(fallback: number, min: number, max: number, help: string): NumberOption {
  return { kind: "number", default: fallback, min, max, integer: true, help };
}

/** Milliseconds, from 0. */
export function milliseconds(fallback: number, help: string): NumberOption {
  return { kind: "number", default: fallback, min: 0, max: 86_400_000, integer: false, help };
}

/** A share from 0 to 1. */
export function share(fallback: number, help: string): NumberOption {
  return { kind: "number", default: fallback, min: 0, max: 1, integer: false, help };
}

export function flag(fallback: boolean, help: string): BooleanOption {
  return { kind: "boolean", default: fallback, help };
}

/**
 * Fills in defaults and checks ranges.
 *
 * @param owner whose options these are, for the message
 * @param given values by option name; names that `specs` lacks are refused
 * @throws SluiceError `usage`: names the option, its range and what came
 */
export function resolveOptions<Specs extends OptionSpecs>(
  owner: string,
  specs: Specs,
  given: Readonly<Record<string, unknown>>,
): OptionValues<Specs> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) {
      const known = Object.keys(specs).join(", ") || "none";
      throw new SluiceError("usage", `${owner} has no option ${name}; it has: ${known}`, { field: name });
    }
  }
  const values: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    values[name] = checkOption(owner, name, spec, given[name] ?? spec.default);
  }
  return values as OptionValues<Specs>;
}

function checkOption(owner: string, name: string, spec: OptionSpec, value: unknown): OptionValue {
  if (spec.kind === "boolean") {
    if (typeof value === "boolean") return value;
    throw new SluiceError("usage", `${owner}: ${name} must be true or false, got ${show(value)}`, { field: name });
  }
  const fits = typeof value === "number" && value >= spec.min && value <= spec.max;
  if (fits && (!spec.integer || Number.isInteger(value))) return value;
  const kind = spec.integer ? "a whole number" : "a number";
  throw new SluiceError(
    "usage",
    `${owner}: ${name} must be ${kind} from ${spec.min} to ${spec.max}, got ${show(value)}`,
    {
      field: name,
    },
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
