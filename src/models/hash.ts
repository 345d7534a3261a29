import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../errors.js";
import { writeRecord } from "./cache.js";

/** A file as it was when its hash was taken. */
interface FileIdentity {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/**
 * The SHA-256 of a model file in lower-case hex. It is computed once and kept in the cache folder (not beside the file,
 * whose folder may be read-only or the user's own) until the file's size or time of change differ.
 * @throws SluiceError `model_unavailable` when the file cannot be read
 */
export async function fileSha256(path: string, cacheDir: string): Promise<string> {
  const known = await knownSha256(path, cacheDir);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (error) {
    throw new SluiceError("model_unavailable", `cannot read the model file ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const sha256 = hash.digest("hex");
  // Where the cache cannot be written, the next run computes it again, and nothing else is lost.
  await rememberSha256(path, sha256, cacheDir).catch(() => undefined);
  return sha256;
}

/** The hash if it was computed before and the file has not changed since. */
export async function knownSha256(path: string, cacheDir: string): Promise<string | undefined> {
  const [record, identity] = await Promise.all([readRecord(path, cacheDir), fileIdentity(path)]);
  const same = record.sizeBytes === identity?.sizeBytes && record.mtimeMs === identity?.mtimeMs;
  return same ? record.sha256 : undefined;
}

/** Keeps the hash of a file whose bytes the caller has just seen. */
export async function rememberSha256(path: string, sha256: string, cacheDir: string): Promise<void> {
  const identity = await fileIdentity(path);
  if (identity === undefined) return;
  await writeRecord(await recordPath(path, cacheDir), { path, ...identity, sha256 });
}

async function readRecord(path: string, cacheDir: string): Promise<Partial<FileIdentity & { sha256: string }>> {
  try {
    return { ...JSON.parse(await readFile(await recordPath(path, cacheDir), "utf8")) };
  } catch {
    // Missing or damaged alike: the hash is computed anew.
    return {};
  }
}

async function fileIdentity(path: string): Promise<FileIdentity | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status && { sizeBytes: status.size, mtimeMs: status.mtimeMs };
}

async function recordPath(path: string, cacheDir: string): Promise<string> {
  const key = createHash("sha256")
    .update(await realpath(path))
    .digest("hex")
    .slice(0, 32);
  return join(cacheDir, "hashes", `${key}.json`);
}
