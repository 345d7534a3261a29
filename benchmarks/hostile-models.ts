/**
 * Opens files with something wrong in them, as Sluice opens a model it does not know, and counts what becomes of them.
 *
 *     npm run build && npx tsx benchmarks/hostile-models.ts --count 10000
 *
 * Three files are mutated: two of a few kilobytes, with either kind of vocabulary, and the tutor. What "ended the trial"
 * ended a process that is there to be ended; "ended the server" and "no clear line" must stay at zero.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinyModel } from "../src/models/gguf/tiny.fixture.js";
import { writeGguf } from "../src/models/gguf/writer.js";
import { TUTOR_PATH } from "../src/models/resolve.js";
import { ModelFuzzer } from "../test/support/fuzz-models.js";
import { count, readFlags } from "./flags.js";

const flags = readFlags("Opens mutated model files and counts what becomes of them.", {
  count: count(300, "how many files"),
  firstSeed: count(1, "the first mutation's seed"),
});

const folder = mkdtempSync(join(tmpdir(), "sluice-hostile-"));
const fuzzer = new ModelFuzzer(folder);
const fates = new Map<string, number>();
const endings = new Map<string, number>();
const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
try {
  const files = await originals();
  for (let at = 0; at < flags.count; at++) {
    const { whole, headerBytes } = files[at % files.length]!;
    const { fate, detail, mutation, seed } = await fuzzer.open(whole, headerBytes, flags.firstSeed + at);
    add(fates, fate);
    if (fate.startsWith("ended")) add(endings, `${fate}: ${detail}`);
    if (fate === "ended the server" || fate === "no clear line") console.log(`seed ${seed}, ${mutation}: ${detail}`);
  }
} finally {
  fuzzer.close();
  rmSync(folder, { recursive: true });
}
for (const counts of [fates, endings]) {
  for (const [name, number] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(number).padStart(6)}  ${name}`);
}
process.exitCode = fates.has("ended the server") || fates.has("no clear line") ? 1 : 0;

async function originals(): Promise<{ whole: Buffer; headerBytes: number }[]> {
  const paths = [TUTOR_PATH];
  for (const kind of ["bpe", "spm"] as const) {
    const path = join(folder, `${kind}.gguf`);
    await writeGguf(path, tinyModel(kind));
    paths.push(path);
  }
  return paths.map((path) => {
    const whole = readFileSync(path);
    // The last tensor's name stands near the end of what precedes the tensors' bytes.
    return { whole, headerBytes: whole.lastIndexOf(".weight", Math.min(whole.length, 4_000_000)) + 32 };
  });
}
