/** What a terminal shows while a model is made and an experiment goes on. */
import { SingleBar } from "cli-progress";
import type { Experiment, ExperimentObserver } from "../experiment/experiment.js";
import type { ResolveOptions } from "../models/resolve.js";
import { roundLine } from "../report/round-line.js";
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

/** A bar over all requests of an experiment, and what each run or each round showed. */
export function showExperiment(
  progress: Progress,
  { stopping, variants, design, done }: Experiment,
): ExperimentObserver {
  const decides = stopping.kind === "decided";
  const rounds = stopping.kind === "rounds" ? stopping.rounds : Math.max(...design.looks);
  return {
    warmingUp: (variant) => progress.label(`${variant.label}: warm-up`),
    planned(loads) {
      const perRound = variants.length * loads.reduce((sum, load) => sum + load.size, 0);
      const measured = done.reduce((sum, run) => sum + run.requestSize, 0);
      progress.total(Math.max(0, perRound * (decides ? (design.looks[0] ?? rounds) : rounds) - measured));
    },
    runBegins: ({ label, load, requestSize, run }) =>
      progress.label(`${label}: ${load || `${requestSize} requests`}, ${decides ? "round" : "run"} ${run}/${rounds}`),
    tokens: (count) => progress.tokens(count),
    ended: () => progress.advance(1),
    runEnded(result, kept) {
      if (kept && !decides) progress.print(runBlock(result, rounds));
    },
    roundEnded(end) {
      if (decides) progress.print(roundLine(end, design));
    },
  };
}
