/** `benchmark_report.txt`: what was run, where, and what came out. */
import type { Manifest, Results } from "../results/schema.js";
import { classTables } from "./class-table.js";
import { comparison } from "./comparison.js";
import { findings } from "./findings/registry.js";
import { runBlock } from "./run-block.js";

export function textReport(results: Results): string {
  const repeats = Math.max(...results.runs.map((run) => run.run));
  return [
    title(`sluice ${results.manifest.command}`),
    ...origin(results.manifest),
    "",
    title("Comparison"),
    comparison(results),
    ...[classTables(results)].filter((tables) => tables !== ""),
    ...findingLines(results),
    title("Runs"),
    ...results.runs.map((run) => runBlock(run, repeats)),
    title("Settings"),
    ...Object.entries(results.settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    "",
  ].join("\n");
}

/** What the data show, under a title; nothing where they show nothing. */
export function findingLines(results: Results): string[] {
  // The verdict stands above already.
  const found = findings(results).filter(({ topic }) => topic !== "verdict");
  return found.length === 0 ? [] : [title("What the data show"), ...found.map(({ text }) => `- ${text}`), ""];
}

function title(text: string): string {
  return `${text}\n${"=".repeat(text.length)}`;
}

function origin({ machine, model, ...manifest }: Manifest): string[] {
  const state = manifest.dirty ? ", with changes" : "";
  const lines = [
    `Command: sluice ${manifest.commandLine.join(" ")}`,
    `Version: ${manifest.version}${manifest.commit ? ` (commit ${manifest.commit.slice(0, 12)}${state})` : ""}`,
    `Model: ${model.name}${model.device ? `, ${model.device}` : ""}${model.sha256 ? `, sha256 ${model.sha256.slice(0, 16)}…` : ""}`,
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB, Node.js ${machine.node}`,
    `Time: ${manifest.startedAt} to ${manifest.endedAt}, seed ${manifest.seed}`,
  ];
  return manifest.interrupted
    ? [...lines, "The run was interrupted: what follows is what was measured until then."]
    : lines;
}
