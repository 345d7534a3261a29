import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FakeHub } from "../../test/support/fake-hub.js";
import { defaultCacheDir } from "./cache.js";
import { fileSha256 } from "./hash.js";
import { parseStandin, resolveModel } from "./resolve.js";
import { ensureStandin, standinPath } from "./standin.js";

const cacheDir = mkdtempSync(join(tmpdir(), "sluice-resolve-"));
afterAll(() => rmSync(cacheDir, { recursive: true }));
const nano = () => ensureStandin({ name: "nano", format: "q4_0" }, cacheDir);

describe("resolveModel", () => {
  it("knows the mock", async () => {
    expect(await resolveModel("mock", { cacheDir })).toEqual({ kind: "mock", name: "mock" });
  });

  it("writes a stand-in and knows its hash", async () => {
    const model = await resolveModel("standin:nano:q4_0", { cacheDir });
    const path = standinPath({ name: "nano", format: "q4_0" }, cacheDir);
    expect(model).toEqual({
      kind: "gguf",
      name: "standin:nano:q4_0",
      path,
      ours: true,
      sha256: await fileSha256(path, cacheDir),
    });
  });

  it("takes the path of a GGUF and calls the model after the file", async () => {
    const path = join(cacheDir, "My model.GGUF");
    writeFileSync(path, readFileSync(await nano()));
    expect(await resolveModel(path, { cacheDir })).toEqual({ kind: "gguf", name: "My model", path, ours: false });
    const sha256 = await fileSha256(path, cacheDir);
    expect(await resolveModel(path, { cacheDir })).toMatchObject({ sha256 });
  });

  it("downloads from the hub", async () => {
    const hub = await FakeHub.start("user/nano-GGUF");
    hub.files.set("nano-Q4_0.gguf", readFileSync(await nano()));
    process.env.HF_ENDPOINT = hub.url;
    try {
      const model = await resolveModel("hf:user/nano-GGUF:Q4_0", { cacheDir });
      expect(model).toMatchObject({ kind: "gguf", name: "user/nano-GGUF:Q4_0" });
    } finally {
      delete process.env.HF_ENDPOINT;
      await hub.stop();
    }
  });

  it.each([
    ["gpt2", 'unknown model "gpt2" (did you mean "standin:gpt2"?)'],
    ["tuter", 'unknown model "tuter" (did you mean "tutor"?)'],
    ["standin:distilgtp2", 'unknown stand-in "standin:distilgtp2" (did you mean "standin:distilgpt2"?)'],
    ["standin:gpt2:q5_0", "must be one of f32, f16, q8_0, q4_0"],
    ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", "written hf:TinyLlama/TinyLlama-1.1B-Chat-v1.0[:quant]"],
    ["hf:gpt2", "hf:user/repo[:quant]"],
    ["", "unknown model"],
  ])("refuses %j with the nearest right name", async (spelling, message) => {
    await expect(resolveModel(spelling, { cacheDir })).rejects.toMatchObject({
      code: "usage",
      field: "model",
      message: expect.stringContaining(message),
    });
  });

  it("says which file is missing or broken, in one line", async () => {
    const whole = readFileSync(await nano());
    const broken: [string, Buffer | undefined, RegExp][] = [
      ["missing.gguf", undefined, /no such file/],
      ["text.gguf", Buffer.from("hello, I am no model"), /not a GGUF file/],
      ["empty.gguf", Buffer.alloc(0), /not a GGUF file/],
      ["half.gguf", whole.subarray(0, whole.length - 100_000), /truncated \(\d+ bytes of at least \d+\)/],
      ["header.gguf", whole.subarray(0, 5000), /truncated.* array items in 5000 bytes/],
      ["vocabulary.gguf", whole.subarray(0, 500_000), /truncated.*before the first tensor/],
    ];
    for (const [name, content, reason] of broken) {
      const path = join(cacheDir, name);
      if (content !== undefined) writeFileSync(path, content);
      const failure = await resolveModel(path, { cacheDir }).catch((error: unknown) => error as Error);
      expect(failure).toMatchObject({ code: "model_unavailable", message: expect.stringMatching(reason) });
      expect((failure as Error).message).toContain(path);
      expect((failure as Error).message).not.toContain("\n");
    }
  });

  it("notices that a known file has changed", async () => {
    const path = join(cacheDir, "changing.gguf");
    writeFileSync(path, "first");
    const first = await fileSha256(path, cacheDir);
    writeFileSync(join(cacheDir, "other"), "other content");
    renameSync(join(cacheDir, "other"), path);
    expect(await fileSha256(path, cacheDir)).not.toBe(first);
  });
});

describe("parseStandin", () => {
  it("has a default format", () => {
    expect(parseStandin("standin:gpt2-medium")).toEqual({ name: "gpt2-medium", format: "q8_0" });
    expect(parseStandin("standin:nano:F16")).toEqual({ name: "nano", format: "f16" });
  });
});

describe("defaultCacheDir", () => {
  it("follows XDG_CACHE_HOME", () => {
    expect(defaultCacheDir({ XDG_CACHE_HOME: "/cache" })).toBe(join("/cache", "sluice"));
    expect(defaultCacheDir({ XDG_CACHE_HOME: "" })).toMatch(/\.cache.sluice$/);
  });
});
