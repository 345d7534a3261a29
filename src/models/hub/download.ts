import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileDownloadInfo, HubApiError } from "@huggingface/hub";
import { SluiceError } from "../../errors.js";
import { cacheFailure } from "../cache.js";
import { withFileLock } from "../lock.js";
import type { HubFile } from "./choose.js";
import { hubFailure, isUnreachable } from "./hub-errors.js";

/** Where a repository is and how to get in. */
export interface HubAccess {
  readonly repo: string;
  readonly hubUrl: string;
  readonly accessToken: string | undefined;
  /** The wait before the first retry after a broken connection; it doubles each time. */
  readonly retryDelayMs: number;
}

/** Connections in a row that bring not one byte before the download gives up. */
const MAX_FRUITLESS_ATTEMPTS = 5;

/**
 * Downloads one file to `target`. What came before a break stays in `target.partial`, and the download goes on from
 * there, at once or in a later run. The file appears under its name only when size and hash are right.
 * @throws SluiceError `model_unavailable`
 */
export async function downloadFile(
  access: HubAccess,
  file: HubFile,
  target: string,
  onBytes: (doneBytes: number) => void,
): Promise<void> {
  try {
    await withFileLock(`${target}.lock`, async () => {
      if (await isWhole(target, file)) return;
      const partialPath = `${target}.partial`;
      const sha256 = await fetchAll(access, file, partialPath, onBytes);
      if (file.sha256 !== undefined && sha256 !== file.sha256) {
        await rm(partialPath);
        throw new SluiceError(
          "model_unavailable",
          `hf:${access.repo}: ${file.path} arrived damaged (its SHA-256 is not the hub's) and was deleted; try again`,
        );
      }
      await rename(partialPath, target);
    });
  } catch (error) {
    throw hubFailure(access.repo, access.hubUrl, cacheFailure(target, error));
  }
}

/** Whether the file is there with the size that the hub states; it got its name only after its hash was checked. */
export async function isWhole(target: string, file: HubFile): Promise<boolean> {
  const status = await stat(target).catch(() => undefined);
  return status?.size === file.sizeBytes;
}

/** Fetches until the partial file is complete, however often the connection breaks; gives its SHA-256. */
async function fetchAll(
  access: HubAccess,
  file: HubFile,
  partialPath: string,
  onBytes: (doneBytes: number) => void,
): Promise<string> {
  const partial = await PartialFile.open(partialPath, file.sizeBytes);
  try {
    for (let fruitless = 0; partial.bytes < file.sizeBytes; ) {
      const before = partial.bytes;
      onBytes(before);
      try {
        await fetchRest(access, file, partial, onBytes);
      } catch (error) {
        fruitless = partial.bytes > before ? 0 : fruitless + 1;
        if (!isBrokenConnection(error) || fruitless >= MAX_FRUITLESS_ATTEMPTS) throw error;
        await sleep(access.retryDelayMs * 2 ** fruitless);
      }
    }
    return partial.sha256();
  } finally {
    await partial.close();
  }
}

class BrokenConnection extends Error {}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof BrokenConnection || isUnreachable(error);
}

/** One connection: asks for what is missing and appends what comes. */
async function fetchRest(
  { repo, hubUrl, accessToken }: HubAccess,
  file: HubFile,
  partial: PartialFile,
  onBytes: (doneBytes: number) => void,
): Promise<void> {
  // The hub redirects to signed addresses that expire, so each attempt asks for the address anew.
  const credentials = accessToken === undefined ? {} : { accessToken };
  const info = await fileDownloadInfo({ repo, path: file.path, hubUrl, ...credentials });
  if (info === null || info.size !== file.sizeBytes) {
    throw new Error(`${file.path} changed on the hub meanwhile; try again`);
  }
  const response = await fetch(info.url, {
    headers: {
      range: `bytes=${partial.bytes}-`,
      ...(accessToken !== undefined && new URL(info.url).origin === new URL(hubUrl).origin
        ? { authorization: `Bearer ${accessToken}` }
        : {}),
    },
  });
  if (!response.ok) throw new HubApiError(info.url, response.status);
  if (!continuesAt(response, partial.bytes)) await partial.restart();
  for await (const chunk of bodyOf(response)) {
    if (partial.bytes + chunk.length > file.sizeBytes) {
      await partial.restart();
      throw new Error(`more bytes of ${file.path} came than the hub announced`);
    }
    await partial.append(chunk);
    onBytes(partial.bytes);
  }
  if (partial.bytes < file.sizeBytes) throw new BrokenConnection(`the connection ended early`);
}

/** A server that does not know ranges sends the whole file with 200. */
function continuesAt(response: Response, offset: number): boolean {
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return response.status === 206 && Number(range?.[1]) === offset;
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new BrokenConnection("the connection broke", { cause: error });
    });
    if (done) return;
    yield value;
  }
}

/** The growing file, with the hash of what it holds. */
class PartialFile {
  readonly #file: FileHandle;
  #hash: Hash;
  bytes: number;

  private constructor(file: FileHandle, hash: Hash, bytes: number) {
    this.#file = file;
    this.#hash = hash;
    this.bytes = bytes;
  }

  static async open(path: string, maxBytes: number): Promise<PartialFile> {
    const file = await open(path, "a");
    const { size } = await file.stat();
    const partial = new PartialFile(file, createHash("sha256"), size);
    if (size > maxBytes) await partial.restart();
    else for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) partial.#hash.update(chunk);
    return partial;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.#file.appendFile(chunk);
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash("sha256");
    this.bytes = 0;
  }

  sha256(): string {
    return this.#hash.copy().digest("hex");
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
