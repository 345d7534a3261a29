/** Where results come from: version, commit, machine, model. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { homeFolder } from "../environment.js";
import type { Manifest } from "./schema.js";

/** The package's own folder, from src/results as from dist/results. */
const PACKAGE_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface ManifestInputs {
  readonly command: string;
  readonly commandLine: readonly string[];
  readonly seed: number;
  readonly model: Manifest["model"];
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly interrupted: boolean;
}

export function makeManifest(inputs: ManifestInputs): Manifest {
  return {
    tool: "sluice",
    version: packageVersion(),
    ...sourceState(),
    command: inputs.command,
    commandLine: [...inputs.commandLine],
    seed: inputs.seed,
    model: inputs.model,
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryBytes: totalmem(),
      platform: process.platform,
      arch: process.arch,
      node: process.version,
    },
    startedAt: inputs.startedAt.toISOString(),
    endedAt: inputs.endedAt.toISOString(),
    interrupted: inputs.interrupted,
  };
}

/** What `package.json` says. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as { version: string }).version;
}

/** The model's part of a manifest: a file with its hash, or something without one. */
export function modelManifest(
  name: string,
  kind: string,
  device: string | null,
  file?: { readonly path: string; readonly sha256: string },
): Manifest["model"] {
  if (!file) return { name, kind, file: null, sha256: null, sizeBytes: null, device };
  return { name, kind, file: shortened(file.path), sha256: file.sha256, sizeBytes: statSync(file.path).size, device };
}

/** Results are shown around: where the package lies and the name of the user's home folder are nobody's business. */
function shortened(path: string): string {
  if (path.startsWith(PACKAGE_ROOT + sep)) return relative(PACKAGE_ROOT, path);
  const home = homeFolder();
  return home !== undefined && path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}

/** Only of a checkout of Sluice itself: an installed package lies in somebody else's repository. */
function sourceState(): Pick<Manifest, "commit" | "dirty"> {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", ["-C", PACKAGE_ROOT, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    if (git("ls-files", "package.json") === "") return { commit: null, dirty: null };
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain") !== "" };
  } catch {
    return { commit: null, dirty: null };
  }
}
