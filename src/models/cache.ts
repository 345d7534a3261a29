import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { homeFolder } from "../environment.js";
import { SluiceError } from "../errors.js";
import { withFileLock } from "./lock.js";

/**
 * Where models are kept between runs: `$XDG_CACHE_HOME/sluice`, else `~/.cache/sluice`, else, for a user without a home,
 * a folder of its own among the temporary ones.
 */
export function defaultCacheDir(environment: NodeJS.ProcessEnv = process.env, findHome = homeFolder): string {
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, "sluice");
  const home = findHome();
  if (home !== undefined) return join(home, ".cache", "sluice");
  return join(tmpdir(), `sluice-${process.getuid?.() ?? "user"}`);
}

/**
 * Puts a file into the cache so that it is there whole or not at all: `write` gets a temporary path in the same folder,
 * which is then renamed. One process writes, others wait for it and find the file; `isReady` is asked again under the lock.
 * @throws SluiceError `model_unavailable` when the folder cannot be written
 */
export async function writeOnce(
  path: string,
  isReady: () => Promise<boolean>,
  write: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await withFileLock(`${path}.lock`, async () => {
      if (await isReady()) return;
      await removeLeftovers(path);
      const temporaryPath = `${path}.${randomUUID()}.partial`;
      try {
        await write(temporaryPath);
        await rename(temporaryPath, path);
      } catch (error) {
        await rm(temporaryPath, { force: true });
        throw error;
      }
    });
  } catch (error) {
    throw cacheFailure(path, error);
  }
}

/**
 * Writes a small record whole or not at all.
 * @throws SluiceError `model_unavailable` when the folder cannot be written
 */
export async function writeRecord(path: string, record: unknown): Promise<void> {
  const temporaryPath = `${path}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporaryPath, `${JSON.stringify(record, null, 2)}\n`);
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw cacheFailure(path, error);
  }
}

/** What a process that was killed half-way left behind. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const leftovers = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(path)}.`) && name.endsWith(".partial"),
  );
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })));
}

/** A file system error as one clear line; other errors pass unchanged. */
export function cacheFailure(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (error instanceof SluiceError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const reason =
    code === "ENOSPC" ? "no space is left" : code === "EACCES" || code === "EROFS" ? "not permitted" : code;
  return new SluiceError(
    "model_unavailable",
    `cannot write ${path}: ${reason}; set XDG_CACHE_HOME to a folder with space that can be written`,
    { cause: error },
  );
}
