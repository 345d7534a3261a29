/** What Ctrl-C does: the first ends the work cleanly, the second ends the process. */
import { setMaxListeners } from "node:events";

/** As shells count: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Runs `work` with a signal that Ctrl-C (or SIGTERM) sets off; the process's exit code then says so. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every request under way listens
  const interrupt = (signal: keyof typeof EXIT_CODES): void => {
    process.exitCode = EXIT_CODES[signal];
    if (controller.signal.aborted) process.exit();
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
