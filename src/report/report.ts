/** Draws everything that a results folder holds for readers. */
import { ResultsFolder } from "../results/folder.js";
import type { Results } from "../results/schema.js";
import { CHARTS } from "./charts/registry.js";
import { ChartRenderer } from "./charts/render.js";
import type { Chart, Spec } from "./charts/spec.js";
import { reportFiles } from "./files.js";
import { type PageChart, reportPage } from "./html/page.js";

/**
 * Writes the charts (PNG and SVG), `report.html` and the text report into a folder.
 *
 * @returns the names of the files
 * @throws SluiceError `results_invalid` when the folder cannot be written
 */
export async function writeReport(path: string, results: Results): Promise<string[]> {
  const folder = ResultsFolder.at(path);
  const charts = chartsOf(results);
  const texts = { ...reportFiles(results), "report.html": reportPage(results, charts) };
  for (const [name, text] of Object.entries(texts)) folder.write(name, text);
  return [...Object.keys(texts), ...(await writeCharts(folder, charts))];
}

/** The charts that these results have something to show in. */
export function chartsOf(results: Results): PageChart[] {
  const loads = [...new Set(results.runs.map((run) => run.load))];
  return CHARTS.flatMap((chart) => {
    if (loads.length < 2 || chart.acrossLoads) return drawn(chart, results);
    return loads.flatMap((load) => {
      const runs = results.runs.filter((run) => run.load === load);
      return drawn(chart, { ...results, runs }).map(({ name, spec }) => ({
        name: `${name}_${load.replace(/\W+/g, "_")}`,
        spec: withLoad(spec, load),
      }));
    });
  });
}

function drawn(chart: Chart, results: Results): PageChart[] {
  const spec = chart.build(results);
  return spec === undefined ? [] : [{ name: chart.name, spec }];
}

function withLoad(spec: Spec, load: string): Spec {
  const title = spec.title as { readonly text?: string } | undefined;
  return { ...spec, title: { ...title, text: `${title?.text ?? ""} (${load})` } };
}

async function writeCharts(folder: ResultsFolder, charts: readonly PageChart[]): Promise<string[]> {
  const renderer = new ChartRenderer();
  const names: string[] = [];
  for (const { name, spec } of charts) {
    const svg = await renderer.svg(spec);
    folder.write(`${name}.svg`, svg);
    folder.write(`${name}.png`, renderer.png(svg));
    names.push(`${name}.svg`, `${name}.png`);
  }
  return names;
}
