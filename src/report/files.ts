import type { Results } from "../results/schema.js";
import { textReport } from "./text.js";

/** The files of a results folder that are made for readers, by name. */
export function reportFiles(results: Results): Readonly<Record<string, string>> {
  return { "benchmark_report.txt": textReport(results) };
}
