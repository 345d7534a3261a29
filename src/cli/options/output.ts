import type { Command } from "commander";
import { wholeNumber } from "../values.js";

export interface OutputFlags {
  seed?: number;
  outputDir?: string;
  resume?: string;
  quiet?: boolean;
}

/** Where results go and how much is said. */
export function addOutputOptions(command: Command, defaultSeed: number): Command {
  return command
    .optionsGroup("Output:")
    .option(
      "--seed <n>",
      `of prompts, lengths, arrivals and sampling (default: ${defaultSeed})`,
      wholeNumber("--seed", 0, 2 ** 31 - 1),
    )
    .option("--output-dir <folder>", `a folder that is not there yet (default: results/<time>-${command.name()})`)
    .option("--resume <folder>", "go on with an interrupted run; give the same command line")
    .option("--quiet", "no progress, no tables");
}
