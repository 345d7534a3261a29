/** Rows of an option table as flags: help, config key and environment variable come from the row, and so does the check. */
import { type Command, Option } from "commander";
import { camelCase } from "../../naming.js";
import { flagOf, type OptionValues, readOption, type SettingSpec, type SettingSpecs } from "../../options.js";
import { nameWhereGiven } from "../given.js";

/** The flag of a row. Its value stays a word until {@link typeSettings}, when it is known where it came from. */
export class SettingFlag extends Option {
  constructor(
    name: string,
    readonly spec: SettingSpec,
    fallback: unknown,
  ) {
    super(flagsOf(name, spec), helpOf(spec, fallback));
    if (spec.variable !== undefined) this.env(spec.variable);
  }
}

/**
 * Adds a flag for every row.
 *
 * @param defaults of this command, where they are not the table's
 */
export function addSettings<Specs extends SettingSpecs>(
  command: Command,
  specs: Specs,
  defaults: Partial<OptionValues<Specs>> = {},
): Command {
  for (const [name, spec] of Object.entries(specs)) {
    command.addOption(new SettingFlag(name, spec, defaults[name as keyof Specs] ?? spec.default));
  }
  return command;
}

/**
 * Makes values of the words that were given for a command's settings.
 *
 * @throws SluiceError `usage`: names the flag, the variable or the key of the config file
 */
export function typeSettings(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (!(option instanceof SettingFlag) || source === undefined || source === "default") continue;
    const value = readOption(nameWhereGiven(option, source), option.spec, command.getOptionValue(name));
    command.setOptionValueWithSource(name, value, source);
  }
}

/** What a command's flags say about the settings of a table. */
export function settingsOf<Specs extends SettingSpecs>(
  flags: object,
  specs: Specs,
  defaults: Partial<OptionValues<Specs>> = {},
): OptionValues<Specs> {
  const given = flags as Readonly<Record<string, unknown>>;
  const values = Object.entries(specs).map(([name, spec]) => {
    const fallback = defaults[name as keyof Specs] ?? spec.default;
    return [name, given[camelCase(wordOf(name, spec))] ?? fallback];
  });
  return Object.fromEntries(values) as OptionValues<Specs>;
}

/** `max-num-seqs`. */
function wordOf(name: string, spec: SettingSpec): string {
  return flagOf(name, spec).replace(/^--(no-)?/, "");
}

function flagsOf(name: string, spec: SettingSpec): string {
  if (spec.kind === "boolean") return flagOf(name, spec);
  return `${flagOf(name, spec)} <${spec.argument ?? "n"}${spec.kind === "texts" ? "..." : ""}>`;
}

function helpOf(spec: SettingSpec, fallback: unknown): string {
  if (spec.kind === "boolean") return spec.default ? `do not ${spec.help}` : spec.help;
  const help = spec.kind === "choice" ? `${spec.help}: ${spec.choices.join("|")}` : spec.help;
  const shown = shownDefault(spec, fallback);
  return shown === undefined ? help : `${help} (default: ${shown})`;
}

function shownDefault(spec: SettingSpec, fallback: unknown): string | undefined {
  if (fallback === undefined || spec.kind === "texts") return undefined;
  if (spec.kind !== "number") return String(fallback);
  if (fallback === 0 && spec.zero !== undefined) return spec.zero;
  return fallback === Number.POSITIVE_INFINITY ? "no limit" : String(Number(fallback) / (spec.flagUnit ?? 1));
}
