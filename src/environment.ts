import { homedir } from "node:os";
import { SluiceError } from "./errors.js";

/**
 * A variable of the environment; undefined when it is not set.
 *
 * One that is set and blank is a script whose own variable was empty: with a secret or an address the default is then
 * the wrong thing to do, so it is refused.
 *
 * @throws SluiceError `usage`
 */
export function environmentValue(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const value = environment[name];
  if (value === undefined || value.trim() !== "") return value;
  throw new SluiceError("usage", `${name} is empty; give it a value, or unset it`, { field: name });
}

/** The user's folder; undefined where there is none: containers run under numbers that no user has. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
