import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SluiceError } from "../../errors.js";

/** Where a model may run. */
export type LlamaDevice = "auto" | "cpu" | "cuda" | "vulkan" | "metal";

/** The release of the prebuilt packages that the declarations in binding.ts describe. */
export const PACKAGE_VERSION = "3.22.1";
/** The llama.cpp version in them; part of the library's file names. */
export const LLAMA_VERSION = "0.5.0";

/** A prebuilt llama.cpp on this machine's disk. */
export interface LlamaBuild {
  /** "cpu", "cuda", "vulkan" or "metal": what the build can use besides the processor. */
  readonly kind: Exclude<LlamaDevice, "auto">;
  readonly packageName: string;
  /** Folder of the libraries. */
  readonly directory: string;
  /** More folders with backend libraries, tried after `directory`. */
  readonly extraDirectories: readonly string[];
}

const CPU_PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};

const SCOPE = "@node-llama-cpp";

/**
 * Finds the prebuilt llama.cpp for a device.
 * `auto` takes a GPU build when one is installed, else the one for the processor.
 * @throws SluiceError `device_unavailable` with the command that installs what is missing
 */
export function findBuild(device: LlamaDevice): LlamaBuild {
  const platform = `${process.platform}-${process.arch}`;
  const base = CPU_PACKAGES[platform];
  if (base === undefined) {
    const known = Object.keys(CPU_PACKAGES).join(", ");
    throw new SluiceError("device_unavailable", `llama.cpp is not prebuilt for ${platform}; it is for ${known}`);
  }
  if (base === "mac-arm64-metal") return buildForAppleSilicon(device);
  if (device === "auto") {
    return (
      resolveBuild("cuda", `${base}-cuda`) ?? resolveBuild("vulkan", `${base}-vulkan`) ?? requireBuild("cpu", base)
    );
  }
  if (device === "cpu") return requireBuild("cpu", base);
  if (device === "metal" || !hasGpuBuild(base)) {
    throw new SluiceError("device_unavailable", `there is no ${device} build of llama.cpp for ${platform}; use cpu`);
  }
  return requireBuild(device, `${base}-${device}`);
}

function buildForAppleSilicon(device: LlamaDevice): LlamaBuild {
  if (device === "cuda" || device === "vulkan") {
    throw new SluiceError("device_unavailable", `${device} does not exist on Apple silicon; use metal or cpu`);
  }
  return requireBuild(device === "cpu" ? "cpu" : "metal", "mac-arm64-metal");
}

function hasGpuBuild(base: string): boolean {
  return base === "linux-x64" || base === "win-x64";
}

function requireBuild(kind: LlamaBuild["kind"], name: string): LlamaBuild {
  const build = resolveBuild(kind, name);
  if (build !== undefined) return build;
  const packages = kind === "cuda" ? [name, `${name}-ext`] : [name];
  const command = `npm install ${packages.map((each) => `${SCOPE}/${each}@${PACKAGE_VERSION}`).join(" ")}`;
  throw new SluiceError(
    "device_unavailable",
    `the llama.cpp build for ${kind} (${SCOPE}/${name} ${PACKAGE_VERSION}) is not installed; install it with: ${command}`,
  );
}

function resolveBuild(kind: LlamaBuild["kind"], name: string): LlamaBuild | undefined {
  const bins = binsOf(name);
  if (bins === undefined) return undefined;
  const directory = readdirSync(bins)
    .map((entry) => join(bins, entry))
    .find((entry) => existsSync(join(entry, libraryName("ggml-base"))));
  if (directory === undefined) return undefined;
  const extra = binsOf(`${name}-ext`);
  const fallback = extra === undefined ? [] : readdirSync(extra).map((entry) => join(extra, entry, "fallback"));
  return {
    kind,
    packageName: `${SCOPE}/${name}`,
    directory,
    extraDirectories: fallback.filter((entry) => existsSync(entry)),
  };
}

/** The packages keep their libraries in `bins/`, beside the `dist/` of their entry point (what `getBinsDir()` returns). */
function binsOf(name: string): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`${SCOPE}/${name}`);
    const bins = join(dirname(dirname(entry)), "bins");
    return existsSync(bins) ? bins : undefined;
  } catch {
    return undefined;
  }
}

/** File name of a shared library by this platform's custom. */
function libraryName(stem: string): string {
  if (process.platform === "win32") return `${stem}.dll`;
  return process.platform === "darwin" ? `lib${stem}.dylib` : `lib${stem}.so`;
}

/**
 * The libraries in the order in which they must be loaded: each needs those before it. Their names carry the version,
 * and in GPU builds the kind: libllama.v0.5.0.so, libllama.cuda.v0.5.0.so.
 */
export function libraryPaths(build: LlamaBuild): { base: string; ggml: string; llama: string } {
  const files = readdirSync(build.directory);
  const find = (stem: string): string => {
    const pattern = new RegExp(
      `^(lib)?${stem}(\\.[a-z]+)?\\.v${LLAMA_VERSION.replaceAll(".", "\\.")}\\.(so|dylib|dll)$`,
    );
    const found = files.find((file) => pattern.test(file));
    if (found !== undefined) return join(build.directory, found);
    throw new SluiceError(
      "device_unavailable",
      `${build.packageName} holds no ${stem} of llama.cpp ${LLAMA_VERSION}; reinstall its version ${PACKAGE_VERSION}`,
    );
  };
  return { base: join(build.directory, libraryName("ggml-base")), ggml: find("ggml"), llama: find("llama") };
}
