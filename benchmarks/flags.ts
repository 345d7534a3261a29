/** Flags of the benchmarks: `--help` tells them, and what is wrong with one is told in one line. */
import { Command, Option } from "commander";
import { oneOf, wholeNumber } from "../src/cli/values.js";
import { SluiceError } from "../src/errors.js";

/** One flag: its default, what it means, and how its word is read. */
export interface Flag<T> {
  readonly fallback: T;
  readonly meaning: string;
  /** undefined: a switch without a word of its own */
  readonly parserOf: ((flag: string) => (word: string) => T) | undefined;
}

export function count(fallback: number, meaning: string, min = 1): Flag<number> {
  return { fallback, meaning, parserOf: (flag) => wholeNumber(flag, min) };
}

export function text<T extends string | undefined>(fallback: T, meaning: string): Flag<T | string> {
  return { fallback, meaning, parserOf: () => (word) => word };
}

/** @param words the fallback comes first */
export function choice<T extends string>(words: readonly [T, ...T[]], meaning: string): Flag<T> {
  return { fallback: words[0], meaning: `${meaning}: ${words.join(", ")}`, parserOf: (flag) => oneOf(flag, words) };
}

export function toggle(meaning: string): Flag<boolean> {
  return { fallback: false, meaning, parserOf: undefined };
}

type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What was given, by the flags' names in camel case. */
export type ValuesOf<F extends Flags> = { readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never };

/** Reads a script's command line; ends the process where it is wrong or asks for help. */
export function readFlags<F extends Flags>(about: string, flags: F): ValuesOf<F> {
  const command = withFlags(commandOf(about), flags);
  try {
    return command.allowExcessArguments(false).parse().opts<ValuesOf<F>>();
  } catch (error) {
    return refuse(error);
  }
}

/** A command line without flags yet, of this package's commander: `benchmarks/peers` finds an older one of its own. */
export function commandOf(about: string): Command {
  return new Command().description(about);
}

/** Adds flags to a command. */
export function withFlags(command: Command, flags: Flags): Command {
  for (const [name, { fallback, meaning, parserOf }] of Object.entries(flags)) {
    const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const option = new Option(parserOf === undefined ? long : `${long} <value>`, meaning);
    if (parserOf !== undefined) option.argParser(parserOf(long));
    const told = fallback === Number.POSITIVE_INFINITY ? "no limit" : String(fallback);
    if (fallback !== undefined && fallback !== false) option.default(fallback, told);
    command.addOption(option);
  }
  return command;
}

/** Tells a user's mistake in one line and ends the process; a fault of ours is thrown on. */
export function refuse(error: unknown): never {
  if (!(error instanceof SluiceError)) throw error;
  console.error(`error: ${error.message}`);
  process.exit(1); // as commander does
}
