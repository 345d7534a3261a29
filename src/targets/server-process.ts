/** A `sluice serve` of our own, for runs over HTTP. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../errors.js";

/** Compiled code in every case: from src/ (tests) and from dist/ the path is the same. */
const CLI_FILE = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** What the server says on stderr once it listens. */
const READY = /is served at (http:\/\/\S+?)\/?(?:\s|$)/;
/** A server that is told to end drains first; one that then still runs is killed. */
const KILL_AFTER_MS = 15_000;

export interface SpawnedServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts `sluice serve` on a free port of the loopback address and waits until it is ready.
 *
 * @param flags what follows `sluice serve`
 * @throws SluiceError `target_failed` with the server's own words when it ends before it is ready; `cancelled`
 */
export async function spawnServer(flags: readonly string[], signal: AbortSignal): Promise<SpawnedServer> {
  const words = [CLI_FILE, "serve", ...flags, "--host", "127.0.0.1", "--port", "0", "--quiet", "--log-level", "error"];
  // Its own process group: Ctrl-C in a terminal reaches this process alone, which then ends the server.
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const killNow = (): void => void child.kill("SIGKILL");
  process.once("exit", killNow);
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", killNow);
      resolve();
    });
  });
  const stop = (): Promise<void> => end(child, exited);
  try {
    return { url: await readyUrl(child, signal), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Where a `sluice serve` that was just started listens, once it does.
 *
 * @throws SluiceError `target_failed` with what it said when it ends before; `cancelled`
 */
export function readyUrl(child: ChildProcess, signal: AbortSignal = new AbortController().signal): Promise<string> {
  let said = "";
  let cancel = (): void => {};
  const ready = new Promise<string>((resolve, reject) => {
    cancel = () => reject(new SluiceError("cancelled", "the run was interrupted"));
    signal.addEventListener("abort", cancel, { once: true });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
      const url = READY.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("error", (error) => reject(SluiceError.from(error, "target_failed")));
    child.once("exit", (code) => {
      reject(
        new SluiceError("target_failed", `sluice serve ended with code ${code} before it was ready: ${said.trim()}`),
      );
    });
  });
  // A sweep starts many servers under one signal.
  return ready.finally(() => signal.removeEventListener("abort", cancel));
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  await exited;
  clearTimeout(timer);
}
