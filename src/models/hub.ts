import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { HUB_URL, listFiles } from "@huggingface/hub";
import { z } from "zod";
import { environmentValue } from "../environment.js";
import { SluiceError } from "../errors.js";
import { cacheFailure, writeRecord } from "./cache.js";
import { rememberSha256 } from "./hash.js";
import { chooseFiles, type HubFile, type HubReference } from "./hub/choose.js";
import { downloadFile, type HubAccess, isWhole } from "./hub/download.js";
import { hubFailure, isUnreachable } from "./hub/hub-errors.js";
import type { ProgressListener } from "./standin.js";

export interface HubOptions {
  readonly cacheDir: string;
  readonly onProgress?: ProgressListener | undefined;
  /** Use only what is cached; `HF_HUB_OFFLINE=1` says the same. */
  readonly offline?: boolean | undefined;
  /** Where `HF_TOKEN`, `HF_ENDPOINT` and `HF_HUB_OFFLINE` are read; default `process.env`. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The wait before a broken download goes on; default one second, doubled each time. */
  readonly retryDelayMs?: number | undefined;
}

const Listing = z.array(
  z.object({ path: z.string(), sizeBytes: z.number(), contentId: z.string(), sha256: z.string().optional() }),
);

/**
 * The path of a model of the Hugging Face hub (of its first file, where it is split), downloaded on first use. A folder
 * is named after the content, so a commit that leaves the file alone downloads nothing. The repository's list of files is
 * kept, and serves when the hub cannot be reached.
 * @throws SluiceError `model_unavailable`
 */
export async function ensureHubModel(reference: HubReference, options: HubOptions): Promise<string> {
  const environment = options.environment ?? process.env;
  const access = hubAccess(reference, environment, options.retryDelayMs ?? 1000);
  const folder = join(options.cacheDir, "hub", reference.repo.replace("/", "--"));
  const offline = options.offline === true || environment.HF_HUB_OFFLINE === "1";
  const files = chooseFiles(await listing(access, folder, offline), reference);
  const contentFolder = join(folder, contentKey(files));
  const targets = files.map((file) => join(contentFolder, basename(file.path)));
  const whole = await Promise.all(files.map((file, index) => isWhole(targets[index]!, file)));
  if (!whole.every(Boolean)) {
    if (offline) throw notCached(reference.repo);
    await makeFolder(contentFolder);
    await downloadAll(access, files, targets, options);
  }
  return targets[0]!;
}

async function downloadAll(
  access: HubAccess,
  files: readonly HubFile[],
  targets: readonly string[],
  { cacheDir, onProgress }: HubOptions,
): Promise<void> {
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let earlierBytes = 0;
  for (const [index, file] of files.entries()) {
    const target = targets[index]!;
    await downloadFile(access, file, target, (bytes) => onProgress?.({ doneBytes: earlierBytes + bytes, totalBytes }));
    if (file.sha256 !== undefined) await rememberSha256(target, file.sha256, cacheDir);
    earlierBytes += file.sizeBytes;
  }
}

function hubAccess({ repo }: HubReference, environment: NodeJS.ProcessEnv, retryDelayMs: number): HubAccess {
  const accessToken = environmentValue("HF_TOKEN", environment);
  if (accessToken !== undefined && !accessToken.startsWith("hf_")) {
    throw new SluiceError("model_unavailable", "HF_TOKEN is not a Hugging Face token: it must begin with hf_");
  }
  const hubUrl = (environmentValue("HF_ENDPOINT", environment) ?? HUB_URL).replace(/\/+$/, "");
  if (!URL.canParse(hubUrl)) throw new SluiceError("model_unavailable", `HF_ENDPOINT is not a URL: ${hubUrl}`);
  return { repo, hubUrl, accessToken, retryDelayMs };
}

/** The repository's GGUF files: from the hub, or as they were when it could last be asked. */
async function listing(access: HubAccess, folder: string, offline: boolean): Promise<HubFile[]> {
  if (offline) return (await savedListing(folder)) ?? Promise.reject(notCached(access.repo));
  try {
    const files = await fetchListing(access);
    await writeRecord(listingPath(folder), files);
    return files;
  } catch (error) {
    const saved = isUnreachable(error) ? await savedListing(folder) : undefined;
    if (saved !== undefined) return saved;
    throw hubFailure(access.repo, access.hubUrl, error);
  }
}

async function fetchListing({ repo, hubUrl, accessToken }: HubAccess): Promise<HubFile[]> {
  const files: HubFile[] = [];
  const credentials = accessToken === undefined ? {} : { accessToken };
  for await (const entry of listFiles({ repo, hubUrl, recursive: true, ...credentials })) {
    if (entry.type !== "file" || !/\.gguf$/i.test(entry.path)) continue;
    files.push({
      path: entry.path,
      sizeBytes: entry.lfs?.size ?? entry.size,
      contentId: entry.lfs?.oid ?? entry.oid ?? `${entry.path}-${entry.size}`,
      sha256: entry.lfs?.oid,
    });
  }
  return files;
}

function listingPath(folder: string): string {
  return join(folder, "files.json");
}

async function savedListing(folder: string): Promise<HubFile[] | undefined> {
  try {
    return Listing.parse(JSON.parse(await readFile(listingPath(folder), "utf8")));
  } catch {
    // Missing or damaged alike: there is nothing that could be used.
    return undefined;
  }
}

/** Names a folder after what is in it. */
function contentKey(files: readonly HubFile[]): string {
  const ids = files.map((file) => file.contentId).join("\n");
  return createHash("sha256").update(ids).digest("hex").slice(0, 16);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw cacheFailure(path, error);
  }
}

function notCached(repo: string): SluiceError {
  return new SluiceError(
    "model_unavailable",
    `hf:${repo} is not in the cache and the hub may not be asked (offline); fetch it once with: sluice model pull hf:${repo}`,
  );
}
