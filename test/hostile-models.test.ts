import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeRequest } from "../src/host/request.js";
import { DEFAULT_ENGINE } from "../src/host/settings.js";
import { startEngineHost } from "../src/host/start.js";
import { tinyModel } from "../src/models/gguf/tiny.fixture.js";
import { writeGguf } from "../src/models/gguf/writer.js";
import { DEFAULT_SCHEDULER } from "../src/scheduler/settings.js";
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

it("a file that is cut while it is served changes nothing", async () => {
  const path = join(folder, "cut.gguf");
  await writeGguf(path, tinyModel("bpe"));
  const load = { ...DEFAULT_ENGINE, model: "cut", modelPath: path, device: "cpu", slots: 1, contextSize: 64 } as const;
  const host = await startEngineHost(load, { ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: 1 } });
  const answer = async (id: string): Promise<string> => {
    const request = makeRequest(id, host.tokenize("hello world", true), { maxTokens: 8, temperature: 0 }, 0);
    let text = "";
    return new Promise((resolve, reject) => {
      host.submit(request, (event) => {
        if (event.type === "tokens") text += event.text;
        else if (event.type === "finished") resolve(text);
        else if (event.type === "failed") reject(new Error(event.error.message));
      });
    });
  };
  const before = await answer("before");
  truncateSync(path, 4096);
  expect(await answer("after")).toBe(before);
  await host.close();
});
