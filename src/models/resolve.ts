import { stat } from "node:fs/promises";
import { basename, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import { defaultCacheDir } from "./cache.js";
import { checkMetadata } from "./gguf/check.js";
import { readGguf } from "./gguf/reader.js";
import { knownSha256 } from "./hash.js";
import { parseHubSpelling } from "./hub/choose.js";
import {
  DEFAULT_STANDIN_FORMAT,
  isStandinFormat,
  isStandinName,
  STANDIN_FORMATS,
  STANDIN_SHAPES,
  type StandinSpec,
  standinSpelling,
} from "./standin/shapes.js";
import { ensureStandin, type ProgressListener } from "./standin.js";

/** The model that the package ships: the path is the same seen from src/models as from dist/models. */
export const TUTOR_PATH = fileURLToPath(new URL("../../models/tutor/tutor.gguf", import.meta.url));

const STANDIN_SPELLINGS = Object.keys(STANDIN_SHAPES).map((name) => `standin:${name}`);

/** What a `--model` spelling stands for. */
export type ResolvedModel =
  | {
      readonly kind: "gguf";
      /** Short and the same on every machine: what humans and clients call the model. */
      readonly name: string;
      /** Absolute path of the file, or of the first file of a split model. */
      readonly path: string;
      /** Of the file, where it is known without reading the file; `fileSha256` computes it. */
      readonly sha256?: string;
      /** Shipped with Sluice, or written by it and not changed since. */
      readonly ours: boolean;
    }
  | { readonly kind: "mock"; readonly name: "mock" };

export interface ResolveOptions {
  /** Where stand-ins, downloads and hashes are kept; default {@link defaultCacheDir}. */
  readonly cacheDir?: string;
  /** Called while a stand-in is written or a file is downloaded. */
  readonly onProgress?: ProgressListener;
  /** Ask no hub: use what is cached or fail. */
  readonly offline?: boolean;
}

/**
 * Finds, writes or downloads the model that a `--model` spelling names, and checks that the file is whole.
 * @throws SluiceError `usage` for a spelling that means nothing, `model_unavailable` for a model that cannot be had
 */
export async function resolveModel(spelling: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  if (spelling === "mock") return { kind: "mock", name: "mock" };
  if (spelling === "tutor") {
    if (await exists(TUTOR_PATH)) return { ...(await ggufModel("tutor", TUTOR_PATH, cacheDir)), ours: true };
    throw new SluiceError("model_unavailable", `the tutor model is not part of this installation: no ${TUTOR_PATH}`);
  }
  if (spelling.startsWith("standin:")) {
    const spec = parseStandin(spelling);
    const path = await ensureStandin(spec, cacheDir, options.onProgress);
    const sha256 = await knownSha256(path, cacheDir);
    return { ...describeFile(standinSpelling(spec), path, sha256), ours: sha256 !== undefined };
  }
  if (spelling.startsWith("hf:")) {
    // Loaded only when it is used: the hub's client takes as long to load as the rest of the engine host.
    const { ensureHubModel } = await import("./hub.js");
    const path = await ensureHubModel(parseHubSpelling(spelling), { ...options, cacheDir });
    return ggufModel(spelling.slice("hf:".length), path, cacheDir);
  }
  if (!(await looksLikePath(spelling))) throw unknownSpelling(spelling);
  if (HUB_REPOSITORY.test(spelling) && !(await exists(spelling))) throw hubSpelling(spelling);
  return ggufModel(basename(spelling).replace(/\.gguf$/i, ""), resolvePath(spelling), cacheDir);
}

type GgufModel = Extract<ResolvedModel, { kind: "gguf" }>;

/** A file that others made: it is checked. */
async function ggufModel(name: string, path: string, cacheDir: string): Promise<GgufModel> {
  checkMetadata(readGguf(path, { arrayItems: 0 }));
  return describeFile(name, path, await knownSha256(path, cacheDir));
}

function describeFile(name: string, path: string, sha256: string | undefined): GgufModel {
  return { kind: "gguf", name, path, ours: false, ...(sha256 === undefined ? {} : { sha256 }) };
}

/**
 * @param spelling `standin:NAME` or `standin:NAME:FORMAT`
 * @throws SluiceError `usage`
 */
export function parseStandin(spelling: string): StandinSpec {
  const [, name = "", format = DEFAULT_STANDIN_FORMAT, ...rest] = spelling.toLowerCase().split(":");
  if (!isStandinName(name)) {
    throw wrongModel(
      `unknown stand-in "${spelling}"${didYouMean(spelling, STANDIN_SPELLINGS)}; there are ${STANDIN_SPELLINGS.join(", ")}`,
    );
  }
  if (!isStandinFormat(format) || rest.length > 0) {
    throw wrongModel(`unknown number format in "${spelling}": it must be one of ${STANDIN_FORMATS.join(", ")}`);
  }
  return { name, format };
}

async function looksLikePath(spelling: string): Promise<boolean> {
  return /\.gguf$/i.test(spelling) || /[/\\]/.test(spelling) || (await exists(spelling));
}

function unknownSpelling(spelling: string): SluiceError {
  const known = ["mock", "tutor", ...STANDIN_SPELLINGS];
  // Who writes "gpt2" means the stand-in.
  const hint = didYouMean(spelling, known) || didYouMean(`standin:${spelling}`, known);
  return wrongModel(
    `unknown model "${spelling}"${hint}; it must be ${known.join(", ")}, hf:user/repo[:quant] or the path of a .gguf file`,
  );
}

/** `user/repo`, as the hub's users write it; a path of a folder above begins with dots, a model's file ends with .gguf. */
const HUB_REPOSITORY = /^\w[\w.-]*\/(?!.*\.gguf$)[\w.-]+$/i;

function hubSpelling(spelling: string): SluiceError {
  return wrongModel(`there is no file ${spelling}; a model of the Hugging Face hub is written hf:${spelling}[:quant]`);
}

function wrongModel(message: string): SluiceError {
  return new SluiceError("usage", message, { field: "model" });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
