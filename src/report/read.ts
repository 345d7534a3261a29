import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../errors.js";
import { parseResults, type Results } from "../results/schema.js";

/**
 * The results of a folder, or of a `results.json` itself.
 *
 * @throws SluiceError `results_invalid`
 */
export function readResults(path: string): Results {
  const file = path.endsWith(".json") ? path : join(path, "results.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new SluiceError(
      "results_invalid",
      `cannot read ${file} (${reason}); give a results folder of a finished run`,
      {
        cause: error,
      },
    );
  }
  const results = parseResults(text, file);
  if (results.runs.length === 0) {
    throw new SluiceError("results_invalid", `${file} holds no runs; make the results anew`);
  }
  return results;
}
