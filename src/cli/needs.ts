/** Options that mean something only beside others say so, and are refused where they would do nothing. */
import type { Command, Option } from "commander";
import { SluiceError } from "../errors.js";

/** The values of a command's options, by name. */
export type Given = Readonly<Record<string, unknown>>;

interface Need {
  /** Why it would do nothing, in the user's words: "it needs --arrival gamma". */
  readonly reason: string;
  readonly holds: (given: Given) => boolean;
}

const NEEDS = new WeakMap<Option, readonly Need[]>();

/**
 * Says what an option needs. It is refused with this reason when the command line gives it and `holds` says no; what a
 * config file or the environment gives is there for many commands, and is not.
 *
 * @param reason in the user's words, such as "it needs --arrival gamma"
 */
export function needs(option: Option, reason: string, holds: (given: Given) => boolean): Option {
  NEEDS.set(option, [...(NEEDS.get(option) ?? []), { reason, holds }]);
  return option;
}

/**
 * Refuses options that the command line gives and that would do nothing.
 *
 * @throws SluiceError `usage`
 */
export function checkNeeds(command: Command): void {
  const given = command.opts<Record<string, unknown>>();
  for (const option of command.options) {
    if (command.getOptionValueSource(option.attributeName()) !== "cli") continue;
    const missing = NEEDS.get(option)?.find(({ holds }) => !holds(given));
    if (!missing) continue;
    const field = option.attributeName();
    throw new SluiceError("usage", `${option.long} would do nothing here: ${missing.reason}`, { field });
  }
}
