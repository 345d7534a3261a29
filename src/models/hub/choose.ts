import { SluiceError } from "../../errors.js";

/** A file of a hub repository, as far as it matters here. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Names the content: the SHA-256 of a large file, the git blob of a small one. */
  readonly contentId: string;
  /** Lower-case hex SHA-256, where the hub states it (LFS files). */
  readonly sha256?: string | undefined;
}

/** `hf:user/repo[:quant]`, taken apart. */
export interface HubReference {
  readonly repo: string;
  readonly quant: string | undefined;
}

/** What most repositories offer and most people take. */
const DEFAULT_QUANT = "Q4_K_M";
const SPLIT_SUFFIX = /-(\d{5})-of-(\d{5})$/;
const QUANT_WORD = /(?:^|[-._/])((?:UD-)?(?:I?Q\d[A-Z\d_]*|BF16|F16|F32|MXFP4[A-Z\d_]*))(?=[-._/]|$)/gi;

/** @throws SluiceError `usage` */
export function parseHubSpelling(spelling: string): HubReference {
  const found = /^hf:([\w.-]+\/[\w.-]+)(?::([\w.-]+))?$/.exec(spelling);
  if (found === null) {
    throw new SluiceError("usage", `${spelling}: a model of the Hugging Face hub is written hf:user/repo[:quant]`, {
      field: "model",
    });
  }
  return { repo: found[1]!, quant: found[2] };
}

/**
 * The GGUF of the wanted quantization: one file, or all parts of a split one, in order. Without a wish it is Q4_K_M, else
 * the first by name.
 * @throws SluiceError `model_unavailable` when the repository has no such file
 */
export function chooseFiles(files: readonly HubFile[], { repo, quant }: HubReference): HubFile[] {
  const models = groupParts(files);
  if (models.size === 0) {
    throw new SluiceError(
      "model_unavailable",
      `hf:${repo} has no GGUF file; look for a repository whose name ends in -GGUF`,
    );
  }
  const names = [...models.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const matches = (wanted: string): string | undefined => names.find((name) => hasWord(name, wanted));
  const name = quant === undefined ? (matches(DEFAULT_QUANT) ?? [...names].sort()[0]!) : matches(quant);
  if (name === undefined) {
    const offered = [...new Set(names.flatMap(quantsOf))].sort();
    const choice =
      offered.length > 0 ? `; it has ${offered.join(", ")}` : `; name one of its files by a word: ${names.join(", ")}`;
    throw new SluiceError("model_unavailable", `hf:${repo} has no GGUF of quantization ${quant}${choice}`);
  }
  return completeParts(models.get(name)!, repo);
}

/** Models by their path without part number and ending; projectors and importance matrices are no models. */
function groupParts(files: readonly HubFile[]): Map<string, HubFile[]> {
  const models = new Map<string, HubFile[]>();
  for (const file of files) {
    const baseName = file.path.split("/").at(-1)!;
    if (!/\.gguf$/i.test(baseName) || /^mmproj|imatrix/i.test(baseName)) continue;
    const name = stem(file.path).replace(SPLIT_SUFFIX, "");
    models.set(name, [...(models.get(name) ?? []), file]);
  }
  return models;
}

function completeParts(files: readonly HubFile[], repo: string): HubFile[] {
  const parts = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const expected = Number(SPLIT_SUFFIX.exec(stem(parts[0]!.path))?.[2] ?? 1);
  if (parts.length !== expected) {
    throw new SluiceError(
      "model_unavailable",
      `hf:${repo}: ${parts[0]!.path} is split into ${expected} files, and the repository has ${parts.length} of them`,
    );
  }
  return parts;
}

function stem(path: string): string {
  return path.replace(/\.gguf$/i, "");
}

function hasWord(name: string, word: string): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?:^|[-._/])${escaped}(?:[-._/]|$)`, "i").test(name);
}

function quantsOf(name: string): string[] {
  return [...name.matchAll(QUANT_WORD)].map((found) => found[1]!);
}
