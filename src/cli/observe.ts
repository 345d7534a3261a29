/** What a terminal shows while a model is made and an experiment goes on. */
import type { ExperimentObserver } from "../bench/experiment.js";
import type { ResolveOptions } from "../models/resolve.js";
import { runBlock } from "../report/run-block.js";
import { type Progress, startProgress } from "./progress.js";

const MIB = 2 ** 20;

/** A bar while a model is written or downloaded. Call `stop` when the model is there. */
export function showModel(quiet: boolean): { onProgress: NonNullable<ResolveOptions["onProgress"]>; stop(): void } {
  let progress: Progress | undefined;
  let doneMib = 0;
  return {
    onProgress: ({ doneBytes, totalBytes }) => {
      if (!progress) {
        progress = startProgress(Math.ceil(totalBytes / MIB), "MiB", quiet);
        progress.label("preparing the model");
      }
      const mib = Math.floor(doneBytes / MIB);
      progress.advance(mib - doneMib);
      doneMib = mib;
    },
    stop: () => progress?.stop(),
  };
}

/**
 * A bar over all requests of an experiment, and a block per run.
 *
 * @param repeats of each setting, for the titles
 */
export function showExperiment(progress: Progress, repeats: number): ExperimentObserver {
  return {
    warmingUp: (setup) => progress.label(`${setup.label}: warm-up`),
    runBegins: (setup, size, run) => progress.label(`${setup.label}: ${size} requests, run ${run}/${repeats}`),
    tokens: (count) => progress.tokens(count),
    ended: () => progress.advance(1),
    runEnded: (result) => progress.print(runBlock(result, repeats)),
  };
}
