import { SingleBar } from "cli-progress";
import type { ProgressListener } from "../models/standin.js";

const BYTES_PER_MIB = 1 << 20;

export interface ByteProgress {
  /** To be handed to `resolveModel`. */
  readonly onProgress: ProgressListener;
  stop(): void;
}

/** A bar on stderr while a model is written or downloaded; nothing when stderr is no terminal or with `quiet`. */
export function byteProgress(label: string, quiet: boolean): ByteProgress {
  if (quiet || !process.stderr.isTTY) return { onProgress: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} MiB · {eta_formatted} left`,
    barsize: 24,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let started = false;
  return {
    onProgress({ doneBytes, totalBytes }) {
      if (!started) bar.start(Math.ceil(totalBytes / BYTES_PER_MIB), 0);
      started = true;
      bar.update(Math.floor(doneBytes / BYTES_PER_MIB));
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
