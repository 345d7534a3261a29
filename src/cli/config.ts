/** Settings that are not on the command line: `sluice.config.{js,json}`, the environment, `.env`. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command, Option } from "commander";
import { SluiceError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import { nameWhereGiven } from "./given.js";

const CONFIG_FILES = ["sluice.config.js", "sluice.config.json"] as const;

/** Reads `.env` of the working folder; variables that are set already win. */
export function loadEnvironment(): void {
  if (existsSync(".env")) process.loadEnvFile(".env");
}

/**
 * Fills in a command's options from the config file: those that neither the command line nor the environment gave.
 *
 * The file's top-level keys are options for every command that has them; a key named like a command holds options for
 * that command alone: `{ "model": "standin:gpt2", "bench": { "runs": 5 } }`.
 *
 * @throws SluiceError `usage` for a file that cannot be read or a key that no command knows
 */
export async function applyConfig(command: Command): Promise<void> {
  const file = CONFIG_FILES.find((name) => existsSync(name));
  if (!file) return;
  const config = await readConfig(file);
  const root = rootOf(command);
  checkKeys(config, root, file);
  const own = config[command.name()];
  apply(command, config, file);
  if (isRecord(own)) apply(command, own, file);
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  try {
    const data: unknown = file.endsWith(".json")
      ? JSON.parse(readFileSync(file, "utf8"))
      : ((await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }).default;
    if (isRecord(data)) return data;
  } catch (error) {
    throw new SluiceError("usage", `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  throw new SluiceError("usage", `${file} must hold an object of settings`);
}

function apply(command: Command, values: Readonly<Record<string, unknown>>, file: string): void {
  for (const option of command.options) {
    const value = values[option.attributeName()];
    const source = command.getOptionValueSource(option.attributeName());
    if (value === undefined || (source !== undefined && source !== "default" && source !== "config")) continue;
    try {
      command.setOptionValueWithSource(option.attributeName(), parsed(option, value, file), "config");
    } catch (error) {
      throw inItsWords(error, option);
    }
  }
}

/** Parsers name the flag; whoever wrote a config file hears of its key. */
function inItsWords(error: unknown, option: Option): unknown {
  const { long } = option;
  if (!(error instanceof SluiceError) || !long || !error.message.startsWith(long)) return error;
  const name = nameWhereGiven(option, "config");
  return new SluiceError(error.code, name + error.message.slice(long.length), { field: name });
}

/** A value goes through the same parser as on the command line, so that the same ranges hold. */
function parsed(option: Option, value: unknown, file: string): unknown {
  if (option.isBoolean() || option.negate) {
    if (typeof value === "boolean") return value;
    throw new SluiceError("usage", `${file}: ${option.attributeName()} is true or false, got ${JSON.stringify(value)}`);
  }
  if (value === true && option.optional) return value;
  const words = (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    const fits =
      typeof item === "string" || typeof item === "number" || (typeof item === "boolean" && takesBoolean(option));
    if (fits) return String(item);
    throw new SluiceError(
      "usage",
      `${file}: ${option.attributeName()} is a text or a number, got ${JSON.stringify(item)}`,
    );
  });
  if (words.length > 1 && !option.variadic) {
    throw new SluiceError("usage", `${file}: ${option.attributeName()} takes one value, got ${words.length}`);
  }
  if (words.length === 0) return words;
  if (!option.parseArg) return option.variadic ? words : words[0];
  return words.reduce<unknown>((previous, word) => option.parseArg?.(word, previous), undefined);
}

/** A word that is "true" or "false" may stand there without its quotes. */
function takesBoolean(option: Option): boolean {
  return option.parseArg !== undefined || option.flags.includes("<true|false");
}

function checkKeys(config: Readonly<Record<string, unknown>>, root: Command, file: string): void {
  const names = (command: Command): string[] => command.options.map((option) => option.attributeName());
  const known = [...new Set(root.commands.flatMap((command) => [command.name(), ...names(command)]))];
  for (const [key, value] of Object.entries(config)) {
    if (!known.includes(key)) throw unknownKey(file, key, known);
    const command = root.commands.find((candidate) => candidate.name() === key);
    if (!command || !isRecord(value)) continue;
    const wrong = Object.keys(value).find((inner) => !names(command).includes(inner));
    if (wrong !== undefined) throw unknownKey(file, `${key}.${wrong}`, names(command));
  }
}

function unknownKey(file: string, key: string, known: readonly string[]): SluiceError {
  return new SluiceError(
    "usage",
    `${file}: there is no setting "${key}"${didYouMean(key.split(".").at(-1) ?? key, known)}`,
  );
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
