import { existsSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder, peersFolder, python } from "./paths.js";
import { runToEnd } from "./processes.js";

export async function setupPython(part: "transformers" | "vllm"): Promise<void> {
  await runToEnd(join(peersFolder, "setup-python.sh"), [cacheFolder, part]);
}

/** The GGUF's weights and tokenizer as a Hugging Face model folder, written on first use and when the file changes. */
export async function hfFolder(modelPath: string): Promise<string> {
  const { size, mtimeMs } = statSync(modelPath);
  const folder = join(cacheFolder, "hf", `${basename(modelPath, ".gguf")}-${size}-${Math.round(mtimeMs)}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await runToEnd(python, [join(peersFolder, "python", "export_hf.py"), modelPath, partial]);
  await rename(partial, folder);
  return folder;
}
