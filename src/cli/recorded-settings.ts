import type { Command } from "commander";
import { SluiceError } from "../errors.js";
import type { Results } from "../results/schema.js";

/** Where results go and how much is said changes nothing about them. */
const NOT_SHOWN: readonly string[] = ["outputDir", "resume", "quiet"];

const HIDDEN = "***";

/**
 * A command's settings for its manifest: its defaults, and over them what flags, environment and config file gave. The API
 * key stays out.
 */
export function shownSettings(command: Command, defaults: Readonly<Record<string, unknown>>): Results["settings"] {
  const shown = { ...defaults, ...command.opts<Record<string, unknown>>() };
  const entries = Object.entries(shown).filter(([name]) => !NOT_SHOWN.includes(name) && name !== "apiKey");
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined).map(([name, value]) => [name, plain(value)]),
  );
}

/** A command line for the manifest: results are shown around, the API key is not. */
export function shownWords(words: readonly string[]): string[] {
  return words.map((word, index) => {
    if (words[index - 1] === "--api-key") return HIDDEN;
    return word.startsWith("--api-key=") ? `--api-key=${HIDDEN}` : word;
  });
}

function plain(value: unknown): Results["settings"][string] {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(plain);
  throw new SluiceError("internal", `a setting of type ${typeof value} cannot be shown`);
}
