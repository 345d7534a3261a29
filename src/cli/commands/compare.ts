import { Command } from "commander";
import { type Comparison, compareResults, failsMore } from "../../report/compare.js";
import { comparisonText } from "../../report/compare-text.js";
import { type Limit, parseLimits, passedLimits } from "../../report/limits.js";
import { readResults } from "../../report/read.js";

const EXAMPLE = `
Examples:
  sluice compare results/main results/branch
  sluice compare results/main results/branch --fail-over 'p95>10%,throughput<-5%'`;

function passedText(comparison: Comparison, { text, metric }: Limit): string {
  if (!comparison.metrics.some((compared) => compared.metric === metric))
    return `${text}: one of the two has no such figure`;
  return failsMore(comparison) ? `${text}: more of B's requests failed` : `B is past ${text}`;
}

/** `sluice compare A B`. Exit code 1 when B passes a limit of `--fail-over`. */
export function compareCommand(): Command {
  return new Command("compare")
    .description("say whether results B are slower than results A, with a confidence interval per metric")
    .argument("<results-a>", "the results folder to compare with")
    .argument("<results-b>", "the results folder in question")
    .option("--fail-over <limits>", "exit 1 when B is past one of these and it is no noise, such as 'p95>10%'")
    .addHelpText("after", EXAMPLE)
    .action((a: string, b: string, flags: { failOver?: string }) => {
      const limits = flags.failOver === undefined ? [] : parseLimits(flags.failOver);
      const comparison = compareResults(
        readResults(a),
        readResults(b),
        limits.map(({ metric }) => metric),
      );
      const passed = passedLimits(comparison, limits);
      process.stdout.write(`${comparisonText(comparison)}\n`);
      if (passed.length === 0) return;
      process.stdout.write(`Failed: ${passed.map((limit) => passedText(comparison, limit)).join("; ")}.\n`);
      process.exitCode = 1;
    });
}
