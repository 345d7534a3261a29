import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;
/** The holder touches its lock this often. */
const HEARTBEAT_MS = 2_000;
/** A lock not touched for this long belonged to a process that died on another machine or was stopped. */
const STALE_MS = 60_000;

/**
 * Runs `work` while holding a lock file, so that processes (and threads) take turns. A lock whose process has ended is
 * taken over. Two owners can meet only after a holder stood still for a minute: what is written under the lock must
 * therefore be renamed into place, or checked by its hash.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryAcquire(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await sleep(POLL_MS);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A lock that was taken away is no reason to stop: the rename at the end is atomic.
    utimes(path, now, now).catch(() => clearInterval(heartbeat));
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function tryAcquire(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(`${process.pid} ${hostname()}\n`);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const [content, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const [pid, host] = content.trim().split(" ");
    if (host === hostname() && pid !== undefined && !isRunning(Number(pid))) return true;
    return Date.now() - mtimeMs > STALE_MS;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
