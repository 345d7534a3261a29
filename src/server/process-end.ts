/** Ends that nothing can hold up: `process.exit` waits for threads, and those may be in a native call that never returns. */
import koffi from "koffi";

/** Once this process is to end, the system ends it after so many seconds, whatever its main thread does by then. */
export function endAtTheLatestAfter(seconds: number): void {
  if (process.platform === "win32") return;
  const alarm = systemFunction(null, "unsigned int alarm(unsigned int)");
  alarm(Math.ceil(seconds));
}

/** Ends this process now, with this exit code. */
export function endProcess(code: number): never {
  if (process.platform === "win32") {
    const terminate = systemFunction("kernel32.dll", "bool TerminateProcess(intptr_t, uint32_t)");
    const CURRENT_PROCESS = -1;
    terminate(CURRENT_PROCESS, code);
  } else {
    systemFunction(null, "void _exit(int)")(code);
  }
  process.exit(code);
}

function systemFunction(library: string | null, prototype: string) {
  return koffi.load(library).func(prototype);
}
