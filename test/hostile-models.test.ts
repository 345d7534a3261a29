import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { tinyModel } from "../src/models/gguf/tiny.fixture.js";
import { writeGguf } from "../src/models/gguf/writer.js";
import { ModelFuzzer } from "./support/fuzz-models.js";

const folder = mkdtempSync(join(tmpdir(), "sluice-hostile-"));
const fuzzer = new ModelFuzzer(folder);
afterAll(() => {
  fuzzer.close();
  rmSync(folder, { recursive: true });
});

it.each(["bpe", "spm"] as const)(
  "100 mutations of a %s model: none ends a server, each refusal is one line",
  async (kind) => {
    const path = join(folder, `${kind}.gguf`);
    await writeGguf(path, tinyModel(kind));
    const whole = readFileSync(path);
    const headerBytes = whole.indexOf("output_norm.weight") + 64;
    const fates: Record<string, number> = {};
    const wrong: unknown[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const file = await fuzzer.open(whole, headerBytes, seed);
      fates[file.fate] = (fates[file.fate] ?? 0) + 1;
      if (file.fate === "ended the server" || file.fate === "no clear line") wrong.push(file);
    }
    expect(wrong).toEqual([]);
    // The mutations reach every layer.
    expect(fates["refused by the reader"]).toBeGreaterThan(10);
    expect(fates.serves).toBeGreaterThan(10);
  },
  120_000,
);
