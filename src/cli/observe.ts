/** What a terminal shows while a model is made and an experiment goes on. */
import { SingleBar } from "cli-progress";
import type { ExperimentObserver } from "../experiment/experiment.js";
import type { ResolveOptions } from "../models/resolve.js";
import { runBlock } from "../report/run-block.js";
import { BAR_STYLE, type Progress } from "./progress.js";

const MIB = 2 ** 20;

/** A bar while a model is written or downloaded; none elsewhere than on a terminal. Call `stop` when the model is there. */
export function showModel(quiet: boolean): { onProgress: NonNullable<ResolveOptions["onProgress"]>; stop(): void } {
  if (quiet || !process.stderr.isTTY) return { onProgress() {}, stop() {} };
  const bar = new SingleBar({
    ...BAR_STYLE,
    format: "{bar} {value}/{total} MiB · {eta_formatted} left · preparing the model",
  });
  return {
    onProgress({ doneBytes, totalBytes }) {
      if (!bar.isActive) bar.start(Math.ceil(totalBytes / MIB), 0);
      bar.update(Math.floor(doneBytes / MIB));
    },
    stop: () => bar.stop(),
  };
}

/**
 * A bar over all requests of an experiment, and a block per run.
 *
 * @param repeats of each setting, for the titles
 */
export function showExperiment(progress: Progress, repeats: number): ExperimentObserver {
  return {
    warmingUp: (variant) => progress.label(`${variant.label}: warm-up`),
    runBegins: ({ label, requestSize, run }) =>
      progress.label(`${label}: ${requestSize} requests, run ${run}/${repeats}`),
    tokens: (count) => progress.tokens(count),
    ended: () => progress.advance(1),
    runEnded: (result, kept) => {
      if (kept) progress.print(runBlock(result, repeats));
    },
  };
}
