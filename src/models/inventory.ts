import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { TUTOR_PATH } from "./resolve.js";
import {
  DEFAULT_STANDIN_FORMAT,
  STANDIN_FORMATS,
  STANDIN_SHAPES,
  type StandinName,
  type StandinSpec,
  standinSpelling,
} from "./standin/shapes.js";
import { standinTensors } from "./standin/weights.js";
import { standinPath } from "./standin.js";

/** A stand-in that can be had, written already or not. */
export interface StandinEntry {
  readonly spelling: string;
  readonly name: StandinName;
  readonly parameters: number;
  /** Undefined: not written yet. */
  readonly file: ModelFile | undefined;
}

/** A model file on this machine. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: number;
}

/** A file that came from the Hugging Face hub, or the part of one that came so far. */
export interface DownloadEntry extends ModelFile {
  readonly repo: string;
  readonly complete: boolean;
}

export interface Inventory {
  readonly cacheDir: string;
  /** The model that the package ships, outside the cache; undefined where it was left out. */
  readonly tutor: ModelFile | undefined;
  readonly standins: readonly StandinEntry[];
  readonly downloads: readonly DownloadEntry[];
  /** Bytes of all models in the cache together. */
  readonly totalBytes: number;
}

/** What the cache holds, and which stand-ins it could hold: each in its default format, others where they were written. */
export async function takeInventory(cacheDir: string): Promise<Inventory> {
  const [standinFiles, hubFiles] = await Promise.all([
    filesUnder(join(cacheDir, "standins")),
    filesUnder(join(cacheDir, "hub")),
  ]);
  const standins = (Object.keys(STANDIN_SHAPES) as StandinName[]).flatMap((name) =>
    STANDIN_FORMATS.flatMap((format) => {
      const spec: StandinSpec = { name, format };
      const file = standinFiles.find(({ path }) => path === standinPath(spec, cacheDir));
      const offered = file !== undefined || format === DEFAULT_STANDIN_FORMAT;
      return offered ? [{ spelling: standinSpelling(spec), name, parameters: parameterCount(spec), file }] : [];
    }),
  );
  const downloads = hubFiles.flatMap((file) => downloadEntry(file, cacheDir));
  const tutorStatus = await stat(TUTOR_PATH).catch(missingIs(undefined));
  const tutor = tutorStatus && { path: TUTOR_PATH, bytes: tutorStatus.size };
  const present = [...standins.flatMap(({ file }) => file ?? []), ...downloads];
  return { cacheDir, tutor, standins, downloads, totalBytes: present.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function parameterCount(spec: StandinSpec): number {
  return standinTensors(spec).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** The layout is `hub/USER--REPO/CONTENT/FILE`, with `.partial` behind a file that is not whole yet. */
function downloadEntry(file: ModelFile, cacheDir: string): DownloadEntry[] {
  if (!/\.gguf(\.partial)?$/i.test(file.path)) return [];
  const [folder = ""] = relative(join(cacheDir, "hub"), file.path).split(sep);
  return [{ ...file, repo: folder.replace("--", "/"), complete: !file.path.endsWith(".partial") }];
}

async function filesUnder(folder: string): Promise<ModelFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(missingIs([]));
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.sort().map(async (path) => ({ path, bytes: (await stat(path)).size })));
}

/** For what need not exist. */
function missingIs<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
