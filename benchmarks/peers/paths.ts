import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** This folder. */
export const peersFolder = dirname(fileURLToPath(import.meta.url));

/** Everything downloaded or built for the peers lives here, outside the repository. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "sluice", "peers");

/** The environment that Transformers and vLLM share. */
export const python = join(cacheFolder, "python", "bin", "python");

/** llama.cpp's programs, built by `setup-llama-cpp.sh`. */
export const llamaBinFolder = join(cacheFolder, "llama-build", "bin");

/** The folder of the libraries prebuilt for this machine (Linux): the very kernels that Sluice and node-llama-cpp run. */
export const prebuiltKernelsFolder = (() => {
  const platform = `${process.platform}-${process.arch}`;
  return join(peersFolder, "node_modules", "@node-llama-cpp", platform, "bins", platform);
})();
