import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type GgufArray, readGguf } from "./gguf/reader.js";
import { fileSha256, knownSha256 } from "./hash.js";
import { STANDIN_FORMATS, STANDIN_SHAPES, type StandinName, type StandinSpec } from "./standin/shapes.js";
import { PADDED_VOCABULARY_SIZE } from "./standin/vocabulary.js";
import { standinTensors } from "./standin/weights.js";
import { ensureStandin, standinPath } from "./standin.js";

const cacheDir = mkdtempSync(join(tmpdir(), "sluice-standin-"));
afterAll(() => rmSync(cacheDir, { recursive: true }));

const NANO: StandinSpec = { name: "nano", format: "f32" };

describe("ensureStandin", () => {
  it("writes a whole GGUF with GPT-2's vocabulary, once", async () => {
    const doneBytes: number[] = [];
    const path = await ensureStandin(NANO, cacheDir, (progress) => doneBytes.push(progress.doneBytes));
    const file = readGguf(path, { arrayItems: PADDED_VOCABULARY_SIZE });
    expect(file.metadata.get("general.architecture")).toBe("gpt2");
    const tokens = file.metadata.get("tokenizer.ggml.tokens");
    expect(tokens).toMatchObject({ itemType: "string", length: PADDED_VOCABULARY_SIZE });
    expect((tokens as GgufArray).items.slice(50254, 50258)).toEqual([
      "Ġinformants",
      "Ġgazed",
      "<|endoftext|>",
      "<|padding_50257|>",
    ]);
    expect(file.metadata.get("tokenizer.ggml.merges")).toMatchObject({ length: 50_000 });
    expect(doneBytes.at(-1)).toBeGreaterThan(0.99 * file.fileBytes);

    const calls = doneBytes.length;
    expect(await ensureStandin(NANO, cacheDir, (progress) => doneBytes.push(progress.doneBytes))).toBe(path);
    expect(doneBytes).toHaveLength(calls);
  });

  it("records the hash of what it wrote", async () => {
    const path = await ensureStandin(NANO, cacheDir);
    const recorded = await knownSha256(path, cacheDir);
    expect(recorded).toMatch(/^[0-9a-f]{64}$/);
    expect(await fileSha256(path, join(cacheDir, "other"))).toBe(recorded);
  });

  it("gives one whole file to users who come at the same time and leaves nothing else behind", async () => {
    const spec: StandinSpec = { name: "nano", format: "q4_0" };
    const paths = await Promise.all([1, 2, 3].map(() => ensureStandin(spec, cacheDir)));
    expect(new Set(paths)).toEqual(new Set([standinPath(spec, cacheDir)]));
    expect(() => readGguf(paths[0]!)).not.toThrow();
    const rest = readdirSync(join(cacheDir, "standins")).filter((name) => !name.endsWith(".gguf"));
    expect(rest).toEqual([]);
  });

  it("writes a damaged file again", async () => {
    const folder = join(cacheDir, "damaged");
    const path = await ensureStandin({ name: "nano", format: "q4_0" }, folder);
    const whole = readFileSync(path);
    truncateSync(path, 1_000_000);
    await ensureStandin({ name: "nano", format: "q4_0" }, folder);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it("does not use what an older version wrote, and deletes it", async () => {
    const folder = join(cacheDir, "older", "standins");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "nano-q4_0.v0.gguf"), "old");
    writeFileSync(join(folder, "nano-q8_0.v0.gguf"), "of another format");
    const path = await ensureStandin({ name: "nano", format: "q4_0" }, join(cacheDir, "older"));
    expect(readdirSync(folder).sort()).toEqual([basename(path), "nano-q8_0.v0.gguf"].sort());
  });

  it("takes the lock of a process that has died", async () => {
    const spec: StandinSpec = { name: "nano", format: "f16" };
    mkdirSync(join(cacheDir, "standins"), { recursive: true });
    const dead = spawnSync(process.execPath, ["--version"]).pid;
    writeFileSync(`${standinPath(spec, cacheDir)}.lock`, `${dead} ${hostname()}\n`);
    writeFileSync(`${standinPath(spec, cacheDir)}.left-behind.partial`, "half");
    await ensureStandin(spec, cacheDir);
    const others = readdirSync(join(cacheDir, "standins")).filter((name) => !name.endsWith(".gguf"));
    expect(others).toEqual([]);
  });

  it("says what to do when the cache cannot be written", async () => {
    const notAFolder = join(cacheDir, "file");
    writeFileSync(notAFolder, "");
    await expect(ensureStandin(NANO, notAFolder)).rejects.toMatchObject({
      code: "model_unavailable",
      message: expect.stringMatching(/^cannot write .*XDG_CACHE_HOME/),
    });
  });

  it("writes the same bytes every time", async () => {
    const [first, second] = await Promise.all(
      ["a", "b"].map((folder) => ensureStandin({ name: "nano", format: "q8_0" }, join(cacheDir, folder))),
    );
    expect(readFileSync(first!).equals(readFileSync(second!))).toBe(true);
  });
});

describe("standinTensors", () => {
  const parameters = (name: StandinName): number =>
    standinTensors({ name, format: "f32" }).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

  it("has the parameters of the real models, and the padding of the vocabulary", () => {
    const real = { distilgpt2: 81_912_576, gpt2: 124_439_808, "gpt2-medium": 354_823_168 };
    for (const [name, count] of Object.entries(real)) {
      const shape = STANDIN_SHAPES[name as StandinName];
      expect(parameters(name as StandinName)).toBe(count + (PADDED_VOCABULARY_SIZE - 50_257) * shape.width);
    }
  });

  it("gives the same values in every format and however they are cut into pieces", () => {
    const values = STANDIN_FORMATS.map((format) => {
      const tensor = standinTensors({ name: "nano", format }).find(({ name }) => name === "blk.1.ffn_up.weight")!;
      const whole = new Float32Array(256);
      tensor.fill(whole.subarray(0, 100), 0);
      tensor.fill(whole.subarray(100), 100);
      return whole;
    });
    for (const other of values) expect(other).toEqual(values[0]);
    expect(new Set(values[0]).size).toBeGreaterThan(200);
  });

  it("gives padding tokens one constant, hopeless logit and end-of-text an unlikely one", () => {
    const tensors = standinTensors({ name: "nano", format: "f32" });
    const read = (name: string, start: number): number[] => {
      const values = new Float32Array(64);
      tensors.find((tensor) => tensor.name === name)!.fill(values, start);
      return [...values];
    };
    const [gain, marker] = [read("output_norm.weight", 0)[0]!, read("output_norm.bias", 0)[0]!];
    const row = (token: number): number[] => read("token_embd.weight", token * 64);
    expect(gain).toBe(0);
    expect(row(50_257)).toEqual([-10_000 / marker, ...Array(63).fill(0)]);
    expect(row(PADDED_VOCABULARY_SIZE - 1)).toEqual(row(50_257));
    expect(row(50_256)[0]).toBe(-20 / marker);
    expect(row(50_255)[0]).toBe(0);
    expect(new Set(row(50_255)).size).toBeGreaterThan(50);
  });

  it("is normal with the stated spread", () => {
    const tensor = standinTensors({ name: "gpt2", format: "f32" }).find(
      ({ name }) => name === "blk.0.attn_qkv.weight",
    )!;
    const values = new Float32Array(100_000);
    tensor.fill(values, 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 3);
    expect(Math.sqrt(variance)).toBeCloseTo(0.02, 3);
  });
});
