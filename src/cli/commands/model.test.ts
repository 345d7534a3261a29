import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeHub } from "../../../test/support/fake-hub.js";
import { modelCommand } from "./model.js";

let cacheHome: string;
let printed: string;
beforeAll(() => {
  cacheHome = mkdtempSync(join(tmpdir(), "sluice-model-"));
});
afterAll(() => rmSync(cacheHome, { recursive: true }));
beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", cacheHome);
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function run(...words: string[]): Promise<string> {
  printed = "";
  await modelCommand().parseAsync(words, { from: "user" });
  return printed;
}

describe("sluice model", () => {
  it("lists stand-ins before and after they are made", async () => {
    expect(await run("list")).toMatch(/standin:nano +2 × 64 +3\.4 M +made on first use/);
    const path = (await run("make", "standin:nano:q4_0")).trim();
    expect(readFileSync(path).subarray(0, 4).toString()).toBe("GGUF");
    const listed = await run("list");
    expect(listed).toMatch(/standin:nano:q4_0 +2 × 64 +3\.4 M +3\.7 MiB +standins\/nano-q4_0\.v\d+\.gguf/);
    expect(listed).toContain("holds 3.7 MiB of models");
    expect(JSON.parse(await run("list", "--json")).standins).toContainEqual(
      expect.objectContaining({ spelling: "standin:nano:q4_0", file: { path, bytes: readFileSync(path).length } }),
    );
  });

  it("pulls from the hub and lists what came", async () => {
    const nano = (await run("make", "standin:nano:q4_0")).trim();
    const hub = await FakeHub.start("user/nano-GGUF");
    hub.files.set("nano-Q4_0.gguf", readFileSync(nano));
    vi.stubEnv("HF_ENDPOINT", hub.url);
    try {
      const path = (await run("pull", "hf:user/nano-GGUF")).trim();
      expect(readFileSync(path).equals(readFileSync(nano))).toBe(true);
    } finally {
      await hub.stop();
    }
    expect(await run("list")).toMatch(/hf:user\/nano-GGUF .* 3\.7 MiB +hub\/user--nano-GGUF\/.*\.gguf/);
  });

  it("inspects a model as a table and as JSON", async () => {
    const text = await run("inspect", "standin:nano:q4_0");
    expect(text).toMatch(/gpt2\.block_count +2\n/);
    expect(text).toMatch(/tokenizer\.ggml\.tokens +50304 × string: "!", /);
    expect(text).toMatch(/Q4_0 +9 +3\.3 M +1\.8 MiB/);
    expect(text).toMatch(/blk\.0–1\.ffn_up\.weight +2 +64 × 256 +Q4_0 +18\.0 KiB/);
    expect(text).toMatch(/SHA-256 [0-9a-f]{64}/);
    const json = JSON.parse(await run("inspect", "--json", "standin:nano:q4_0"));
    expect(json).toMatchObject({
      version: 3,
      metadata: { "gpt2.block_count": 2 },
      sha256: /SHA-256 (\w+)/.exec(text)![1],
    });
    expect(json.tensors).toContainEqual({ name: "blk.1.ffn_up.weight", shape: [64, 256], format: "Q4_0", bytes: 9216 });
  });

  it.each([
    [["make", "gpt2"], "usage", /does not begin with standin:/],
    [["make", "standin:nani"], "usage", /did you mean "standin:nano"/],
    [["pull", "standin:nano"], "usage", /does not begin with hf:/],
    [["inspect", "mock"], "usage", /no file/],
    [["inspect", "/nowhere/m.gguf"], "model_unavailable", /no such file/],
  ])("refuses %j in one line", async (words, code, message) => {
    await expect(run(...words)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(printed).toBe("");
  });
});
