import type { Option } from "commander";

/** What whoever gave a value calls it: the flag, the variable, or the key of the config file. */
export function nameWhereGiven(option: Option, source: string): string {
  if (source === "env") return option.envVar ?? option.flags;
  return source === "config" ? `${option.attributeName()} of the config file` : (option.long ?? option.flags);
}
