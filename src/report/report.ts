/** Draws everything that a results folder holds for readers. */
import { ResultsFolder } from "../results/folder.js";
import type { Results } from "../results/schema.js";
import { CHARTS } from "./charts/registry.js";
import { ChartRenderer } from "./charts/render.js";
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
  return CHARTS.flatMap((chart) => {
    const spec = chart.build(results);
    return spec === undefined ? [] : [{ name: chart.name, spec }];
  });
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
