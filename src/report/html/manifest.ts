/** The end of the report: what was run, where and with which settings. */
import type { Results } from "../../results/schema.js";
import { escapeHtml } from "./escape.js";

export function manifestTable({ manifest, settings }: Results): string {
  const { machine, model } = manifest;
  const state = manifest.dirty ? ", with changes" : "";
  const rows: [string, string | null][] = [
    ["command", `sluice ${manifest.commandLine.join(" ")}`],
    ["version", `${manifest.version}${manifest.commit ? `, commit ${manifest.commit}${state}` : ""}`],
    ["model", model.name],
    ["model file", model.file],
    ["model SHA-256", model.sha256],
    ["device", model.device],
    ["machine", `${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ["system", `${machine.platform} ${machine.arch}, Node.js ${machine.node}`],
    ["seed", String(manifest.seed)],
    ["start, end", `${manifest.startedAt}, ${manifest.endedAt}`],
    ...Object.entries(settings).map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
  ];
  const body = rows
    .filter((row): row is [string, string] => row[1] !== null)
    .map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`);
  return `<div class="scroll" tabindex="0"><table class="manifest"><tbody>\n${body.join("\n")}\n</tbody></table></div>`;
}
