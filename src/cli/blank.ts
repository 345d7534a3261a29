import type { Command } from "commander";
import { SluiceError } from "../errors.js";
import { nameWhereGiven } from "./given.js";

/**
 * Refuses every value that is there and blank, wherever it came from: `--api-key "$KEY"` without KEY must not open the
 * server. Without quotes the shell leaves the next flag in the value's place, which is refused likewise.
 *
 * @throws SluiceError `usage` with the name of the flag, variable or setting
 */
export function refuseBlanks(command: Command): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    const source = command.getOptionValueSource(option.attributeName());
    if (value === undefined || source === undefined || source === "default") continue;
    const name = nameWhereGiven(option, source);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0 || values.some(isBlank)) {
      throw new SluiceError("usage", `${name} is empty; give it a value, or leave it out`, { field: name });
    }
    const flag = values.find((word) => source === "cli" && isFlag(word, command));
    if (flag !== undefined) throw new SluiceError("usage", `${name} has no value: the flag ${flag} follows`);
  }
  for (const [index, argument] of command.registeredArguments.entries()) {
    const given = argument.variadic ? command.args.slice(index) : command.args.slice(index, index + 1);
    if (given.some(isBlank)) throw new SluiceError("usage", `<${argument.name()}> is empty; give it a value`);
  }
}

function isBlank(value: unknown): boolean {
  return typeof value === "string" && value.trim() === "";
}

function isFlag(value: unknown, command: Command): boolean {
  const word = String(value).split("=", 1)[0];
  return command.options.some(({ long }) => long === word);
}
