import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SluiceError } from "../errors.js";
import { cacheFailure } from "./cache.js";

const Record = z.object({ path: z.string(), sizeBytes: z.number(), mtimeMs: z.number(), sha256: z.string() });

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
  await rememberSha256(path, sha256, cacheDir);
  return sha256;
}

/** The hash if it was computed before and the file has not changed since. */
export async function knownSha256(path: string, cacheDir: string): Promise<string | undefined> {
  const [record, identity] = await Promise.all([readRecord(path, cacheDir), fileIdentity(path)]);
  if (record === undefined || identity === undefined) return undefined;
  const same = record.sizeBytes === identity.sizeBytes && record.mtimeMs === identity.mtimeMs;
  return same ? record.sha256 : undefined;
}

/** Keeps the hash of a file whose bytes the caller has just seen. */
export async function rememberSha256(path: string, sha256: string, cacheDir: string): Promise<void> {
  const identity = await fileIdentity(path);
  if (identity === undefined) return;
  const target = await recordPath(path, cacheDir);
  try {
    await mkdir(join(cacheDir, "hashes"), { recursive: true });
    const temporaryPath = `${target}.${process.pid}.partial`;
    await writeFile(temporaryPath, `${JSON.stringify({ path, ...identity, sha256 })}\n`);
    await rename(temporaryPath, target);
  } catch (error) {
    throw cacheFailure(target, error);
  }
}

async function readRecord(path: string, cacheDir: string): Promise<z.infer<typeof Record> | undefined> {
  try {
    return Record.parse(JSON.parse(await readFile(await recordPath(path, cacheDir), "utf8")));
  } catch {
    // Missing or damaged alike: the hash is computed anew.
    return undefined;
  }
}

async function fileIdentity(path: string): Promise<{ sizeBytes: number; mtimeMs: number } | undefined> {
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
