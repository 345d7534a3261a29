import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../errors.js";
import { JOURNAL, journaledResults } from "../results/journal.js";
import { checkResults, parseResults, type Results } from "../results/schema.js";

/** A longer file cannot become one string. */
const MAX_BYTES = 2 ** 29 - 2 ** 16;

/**
 * The results of a folder, or of a `results.json` itself; what an interrupted command had measured when it has none yet.
 *
 * @throws SluiceError `results_invalid`
 */
export function readResults(path: string): Results {
  const file = path.endsWith(".json") ? path : join(path, "results.json");
  const interrupted = existsSync(file) || path.endsWith(".json") ? undefined : journaledResults(path);
  if (interrupted !== undefined) return checkResults(interrupted, join(path, JOURNAL));
  let text: string;
  try {
    if (statSync(file).size > MAX_BYTES) throw new Error("larger than 512 MB");
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
