import { resolve } from "node:path";
import { Command } from "commander";
import { readResults } from "../../report/read.js";

/** `sluice plot RESULTS` */
export function plotCommand(): Command {
  return new Command("plot")
    .description("draw the charts and the report of a results folder again")
    .argument("<results>", "a results folder, or its results.json")
    .option("--output-dir <folder>", "where the files go (default: the results folder)")
    .option("--quiet", "do not list the files")
    .addHelpText("after", "\nExample:\n  sluice plot results/2026-01-31T12-00-00-bench --output-dir plots")
    .action(async (path: string, flags: { outputDir?: string; quiet?: boolean }) => {
      const results = readResults(path);
      const folder = resolve(flags.outputDir ?? path.replace(/[^/\\]*\.json$/, ""));
      // Loaded here: the chart library takes its time, and other commands do not need it.
      const { writeReport } = await import("../../report/report.js");
      const files = await writeReport(folder, results);
      if (!flags.quiet) process.stdout.write(`${folder}\n${files.map((file) => `  ${file}`).join("\n")}\n`);
    });
}
