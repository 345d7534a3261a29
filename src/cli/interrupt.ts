/** What Ctrl-C does: the first ends the work cleanly, the second ends the process. */
import { setMaxListeners } from "node:events";

const EXIT_INTERRUPTED = 130;

/** Runs `work` with a signal that Ctrl-C (or SIGTERM) sets off. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every request under way listens
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    process.stderr.write("\nsluice: ending; what was measured is kept (Ctrl-C again ends at once)\n");
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}
