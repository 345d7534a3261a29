/** `report.html`: everything that a run showed, in one file that needs no network. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Results } from "../../results/schema.js";
import type { Spec } from "../charts/spec.js";
import { chartConfig } from "../charts/theme.js";
import type { Finding } from "../findings/finding.js";
import { findings } from "../findings/registry.js";
import { verdictSentences } from "../verdict-text.js";
import { escapeHtml } from "./escape.js";
import { interactive } from "./interactive.js";
import { manifestTable } from "./manifest.js";
import { resultsTable } from "./table.js";

/** A chart of the page. */
export interface PageChart {
  readonly name: string;
  readonly spec: Spec;
}

const require = createRequire(import.meta.url);

/** The whole page. */
export function reportPage(results: Results, charts: readonly PageChart[]): string {
  const { manifest } = results;
  const title = `sluice ${manifest.command}: ${manifest.model.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${asset("report.css")}</style>
</head>
<body>
<header>
<div>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead(results))}</p>
${verdictLines(results)}
</div>
<button id="theme" type="button">Dark</button>
</header>
${interruptedNote(results)}${findingsSection(findings(results).filter(({ topic }) => topic !== "verdict"))}
<h2>Figures</h2>
${resultsTable(results)}
<h2>Charts</h2>
${charts.map(figureOf).join("\n")}
<h2>Manifest</h2>
${manifestTable(results)}
<script type="application/json" id="report-data">${jsonForScript(pageData(charts))}</script>
<script>${library("vega/build/vega.min.js")}</script>
<script>${library("vega-lite/build/vega-lite.min.js")}</script>
<script>${asset("report.js")}</script>
</body>
</html>
`;
}

/** The answer, before anything else. */
function verdictLines(results: Results): string {
  return verdictSentences(results)
    .map((sentence) => `<p class="verdict">${escapeHtml(sentence)}</p>`)
    .join("\n");
}

function lead({ manifest, runs }: Results): string {
  const requests = runs.reduce((sum, run) => sum + run.summary.requests, 0);
  const { cpu, cores } = manifest.machine;
  return `${runs.length} runs, ${requests} requests, on ${cpu} (${cores} cores), ${manifest.startedAt.slice(0, 16).replace("T", " ")} UTC`;
}

function interruptedNote({ manifest }: Results): string {
  return manifest.interrupted
    ? "<p><strong>This run was interrupted; what is shown was measured until then.</strong></p>\n"
    : "";
}

function findingsSection(found: readonly Finding[]): string {
  if (found.length === 0) return "";
  const items = found.map(({ text, met }) => {
    if (met === undefined) return `<li>${escapeHtml(text)}</li>`;
    const mark = `<span class="mark">${met ? "✓" : "✗"}</span>`;
    return `<li class="${met ? "met" : "missed"}">${mark} ${escapeHtml(text)}</li>`;
  });
  return `<h2>Findings</h2>\n<ul class="findings">\n${items.join("\n")}\n</ul>`;
}

function figureOf({ name, spec }: PageChart): string {
  const title = titleOf(spec);
  return `<figure data-chart="${escapeHtml(name)}" data-title="${escapeHtml(title)}"><div class="chart"></div><figcaption>${escapeHtml(name)}.svg, .png. Drag to move, Ctrl or Shift and the wheel to zoom, double click to go back.</figcaption></figure>`;
}

function titleOf(spec: Spec): string {
  const title = spec.title as { text?: unknown } | undefined;
  return String(title?.text ?? "chart");
}

function pageData(charts: readonly PageChart[]): unknown {
  const themed = (scheme: "light" | "dark"): Spec => ({
    ...chartConfig(scheme),
    font: "PT Sans, system-ui, sans-serif",
  });
  return {
    charts: Object.fromEntries(charts.map(({ name, spec }) => [name, interactive(spec)])),
    themes: { light: themed("light"), dark: themed("dark") },
  };
}

/** JSON that cannot end the script element it stands in. */
function jsonForScript(data: unknown): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function asset(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../web/report/${name}`, import.meta.url)), "utf8");
}

/** A library's source; the text that would end the script element does not occur outside its strings. */
function library(path: string): string {
  const source = readFileSync(require.resolve(path), "utf8");
  return source.replaceAll("</script", "<\\/script").replace(/\n\/\/# sourceMappingURL=.*\n?$/, "");
}
