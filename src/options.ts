/**
 * Options described as data: a row says an option's default, range, meaning, and what it is called on a command line and in
 * the environment. Policies describe their options so, and engine, scheduler and server their settings; flags, help, the
 * config file, the axes of a sweep and every check follow from the rows.
 */
import { SluiceError } from "./errors.js";
import { kebabCase } from "./naming.js";
import { didYouMean } from "./nearest.js";

/** What an option is for, where others must know: tools ask for the role, never for a name. */
export type OptionRole = "batch-limit" | "batch-wait";

interface Described {
  readonly help: string;
  readonly role?: OptionRole;
  /** The flag without its dashes, where it is not the option's name in kebab-case. */
  readonly flag?: string;
  /** What stands for the value in the help: `MiB`. */
  readonly argument?: string;
  /** The environment variable that gives it too. */
  readonly variable?: string;
}

export interface NumberOption extends Described {
  readonly kind: "number";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  /** What 0 stands for, beside the range. */
  readonly zero?: string;
  /** How many of the option's units one unit of the flag is: 1024 where the flag counts KiB and the option bytes. */
  readonly flagUnit?: number;
}

export interface BooleanOption extends Described {
  readonly kind: "boolean";
  readonly default: boolean;
}

/** One of a few words. */
export interface ChoiceOption<Choice extends string = string> extends Described {
  readonly kind: "choice";
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

export interface TextOption extends Described {
  readonly kind: "text";
  /** Undefined: there is none unless given. */
  readonly default: string | undefined;
}

/** Several texts. */
export interface TextsOption extends Described {
  readonly kind: "texts";
  readonly default: readonly string[];
}

/** What the options of a policy can be. */
export type OptionSpec = NumberOption | BooleanOption;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionValue = number | boolean;

/** What settings can be. */
export type SettingSpec = OptionSpec | ChoiceOption | TextOption | TextsOption;
export type SettingSpecs = Readonly<Record<string, SettingSpec>>;

type ValueOf<Spec> =
  Spec extends ChoiceOption<infer Choice>
    ? Choice
    : Spec extends BooleanOption
      ? boolean
      : Spec extends NumberOption
        ? number
        : Spec extends TextsOption
          ? readonly string[]
          : Spec extends { readonly default: string }
            ? string
            : string | undefined;

/** The values of options by their names. */
export type OptionValues<Specs extends SettingSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

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

/** The most sequences that a policy runs at once. What a policy calls it is its own affair; `--max-batch` means this one. */
export function batchLimit(fallback: number, max: number, help: string): NumberOption & { role: "batch-limit" } {
  return { ...count(fallback, 1, max, help), role: "batch-limit" };
}

/** How long a batch waits to fill, in milliseconds; `--batch-timeout` means this one. */
export function batchWait(fallback: number, help: string): NumberOption & { role: "batch-wait" } {
  return { ...milliseconds(fallback, help), role: "batch-wait" };
}

/** A whole number of which 0 means: decide by yourself. */
export function countOrZero(zero: string, min: number, max: number, help: string): NumberOption {
  return { ...count(0, min, max, help), zero };
}

export function choice<const Choice extends string>(
  fallback: Choice,
  choices: readonly Choice[],
  help: string,
): ChoiceOption<Choice> {
  return { kind: "choice", default: fallback, choices, help };
}

export function text<Default extends string | undefined>(
  fallback: Default,
  help: string,
): TextOption & { readonly default: Default } {
  return { kind: "text", default: fallback, help };
}

export function texts(help: string): TextsOption {
  return { kind: "texts", default: [], help };
}

/** The default of every option. */
export function defaultsOf<Specs extends SettingSpecs>(specs: Specs): OptionValues<Specs> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default])) as OptionValues<Specs>;
}

/** The option with this role among a policy's; undefined: it has none. */
export function optionWith(role: OptionRole, specs: SettingSpecs): string | undefined {
  return Object.keys(specs).find((name) => specs[name]?.role === role);
}

/**
 * Fills in defaults and checks ranges.
 *
 * @param owner whose options these are, for the message; undefined: the caller's own
 * @param given values by option name; names that `specs` lacks are refused
 * @throws SluiceError `usage`: names the option, its range and what came
 */
export function resolveOptions<Specs extends SettingSpecs>(
  owner: string | undefined,
  specs: Specs,
  given: Readonly<Record<string, unknown>>,
): OptionValues<Specs> {
  const names = Object.keys(specs);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = owner === undefined ? `there is no option ${unknown}` : `${owner} has no option ${unknown}`;
    const known = `${didYouMean(unknown, names)}; there are: ${names.join(", ") || "none"}`;
    throw new SluiceError("usage", message + known, { field: unknown });
  }
  const values = Object.entries(specs).map(([name, spec]) => {
    const called = owner === undefined ? name : `${owner}: ${name}`;
    return [name, given[name] === undefined ? spec.default : checkOption(called, spec, given[name], name)] as const;
  });
  return Object.fromEntries(values) as OptionValues<Specs>;
}

/**
 * The value, if the option takes it.
 *
 * @param called what the caller calls the option: `slots`, `--slots`, an environment variable, a key of the config file
 * @throws SluiceError `usage`: names the option, its range and what came
 */
export function checkOption<Spec extends SettingSpec>(
  called: string,
  spec: Spec,
  value: unknown,
  field = called,
): ValueOf<Spec> {
  if (fits(spec, value)) return value as ValueOf<Spec>;
  throw refusal(called, spec, value, { field });
}

/**
 * The value that a word of a command line, an environment or a config file stands for.
 *
 * @param called what the option is called where the word came from
 * @throws SluiceError `usage` as {@link checkOption}
 */
export function readOption<Spec extends SettingSpec>(called: string, spec: Spec, word: unknown): ValueOf<Spec> {
  const unit = unitOf(spec);
  const typed = typedValue(spec, word);
  const value = typeof typed === "number" ? typed * unit : typed;
  if (fits(spec, value)) return value as ValueOf<Spec>;
  throw refusal(called, spec, word, { field: called, unit });
}

/** The value that a text stands for; the text itself when it fits no kind, so that a check can name it. */
export function typedValue<Word>(spec: SettingSpec | undefined, word: Word): Word | number | boolean {
  if (typeof word !== "string" || spec?.kind === "text" || spec?.kind === "choice") return word;
  if (spec?.kind === "boolean") return word === "true" ? true : word === "false" ? false : word;
  return word.trim() !== "" && !Number.isNaN(Number(word)) ? Number(word) : word;
}

/** The flag of an option, with its dashes; what is on by default is switched off with `--no-…`. */
export function flagOf(name: string, spec: SettingSpec): string {
  const word = spec.flag ?? kebabCase(name);
  return spec.kind === "boolean" && spec.default ? `--no-${word}` : `--${word}`;
}

/** The words of a command line that give these values; defaults go without saying. */
export function flagWords<Specs extends SettingSpecs>(specs: Specs, values: OptionValues<Specs>): string[] {
  return Object.entries(specs).flatMap(([name, spec]) => {
    const value = values[name as keyof Specs] as unknown;
    if (value === spec.default || value === undefined) return [];
    const flagName = flagOf(name, spec);
    if (spec.kind === "boolean") return [flagName];
    if (spec.kind === "number") return [flagName, String(Number(value) / unitOf(spec))];
    return [flagName, ...(Array.isArray(value) ? value.map(String) : [String(value)])];
  });
}

function fits(spec: SettingSpec, value: unknown): boolean {
  if (spec.kind === "boolean") return typeof value === "boolean";
  if (spec.kind === "choice") return spec.choices.some((known) => known === value);
  if (spec.kind === "text") return isText(value);
  if (spec.kind === "texts") return Array.isArray(value) && value.every(isText);
  if (value === spec.default || (value === 0 && spec.zero !== undefined)) return true;
  const inRange = typeof value === "number" && value >= spec.min && value <= spec.max;
  return inRange && (!spec.integer || Number.isInteger(value));
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

/** @param unit in which units the range is told */
function refusal(
  called: string,
  spec: SettingSpec,
  value: unknown,
  { field, unit = 1 }: { field: string; unit?: number },
): SluiceError {
  const hint = spec.kind === "choice" && typeof value === "string" ? didYouMean(value, spec.choices) : "";
  return new SluiceError("usage", `${called} must be ${rangeOf(spec, unit)}, got ${show(value)}${hint}`, { field });
}

function unitOf(spec: SettingSpec): number {
  return spec.kind === "number" ? (spec.flagUnit ?? 1) : 1;
}

function rangeOf(spec: SettingSpec, unit: number): string {
  if (spec.kind === "boolean") return "true or false";
  if (spec.kind === "choice") return `one of ${spec.choices.join(", ")}`;
  if (spec.kind === "text") return "a text that is not empty";
  if (spec.kind === "texts") return "texts that are not empty";
  const { min, max, integer, zero } = spec;
  const numbers = `${integer ? "a whole number" : "a number"} ${rangeText(min / unit, max / unit)}`;
  return zero === undefined ? numbers : `${numbers}, or 0 for ${zero}`;
}

/** `from 1 to 256`, `of at least 1`. */
export function rangeText(min: number, max: number): string {
  return max >= Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
}

function show(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
