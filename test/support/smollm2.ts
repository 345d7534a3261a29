/** A small trained chat model, which `scripts/test-models.mjs` puts into the cache before the tests. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { defaultCacheDir } from "../../src/models/cache.js";

const PATH = join(defaultCacheDir(), "test-models", "SmolLM2-135M-Instruct.Q4_1.gguf");

/**
 * Where SmolLM2 (135M, Q4_1) lies; undefined where it could not be had: `describe.skipIf(path === undefined)`.
 * Says on stderr what is left untested then.
 * @param what is left untested without it
 * @throws in CI, where no test is left out
 */
export function findSmollm2(what: string): string | undefined {
  if (existsSync(PATH)) return PATH;
  const message = `SmolLM2 is missing: ${what} is not tested; get it with: node scripts/test-models.mjs (needs python3 with pip)`;
  if (process.env.CI) throw new Error(message);
  console.warn(message);
  return undefined;
}
