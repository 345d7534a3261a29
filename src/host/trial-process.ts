/** The trial's process: what it prints is a {@link TrialResult}, unless the model ends it. */
import { SluiceError } from "../errors.js";
import type { LoadSettings } from "./settings.js";
import type { TrialResult } from "./trial.js";
import { tryModel } from "./try-model.js";

function report(result: TrialResult): void {
  process.stdout.write(JSON.stringify(result), () => process.exit());
}

tryModel(JSON.parse(process.argv[2]!) as LoadSettings).then(
  () => report({ passed: true }),
  (error: unknown) => report({ passed: false, error: SluiceError.from(error, "model_unavailable").toData() }),
);
