import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tinyModel } from "../models/gguf/tiny.fixture.js";
import { type WritableValue, writeGguf } from "../models/gguf/writer.js";
import { resolveModel } from "../models/resolve.js";
import { DEFAULT_ENGINE, type LoadSettings } from "./settings.js";
import { passTrial } from "./trial.js";

const folder = mkdtempSync(join(tmpdir(), "sluice-trial-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What becomes of a file: "opens", or the line that refuses it. */
async function outcome(path: string): Promise<string> {
  try {
    await resolveModel(path, { cacheDir: folder });
    await passTrial(loadOf(path), folder);
    return "opens";
  } catch (error) {
    expect(error).toMatchObject({ name: "SluiceError", code: "model_unavailable" });
    expect((error as Error).message).not.toContain("\n");
    return (error as Error).message;
  }
}

function loadOf(modelPath: string): LoadSettings & { modelPath: string } {
  return { ...DEFAULT_ENGINE, model: "tiny", modelPath, device: "cpu", threads: 1, slots: 2, contextSize: 64 };
}

async function write(kind: "bpe" | "spm", change?: Record<string, WritableValue>): Promise<string> {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.gguf`);
  await writeGguf(path, tinyModel(kind, change));
  return path;
}

const count = (value: number): WritableValue => ({ type: "uint32", value });
const float = (value: number): WritableValue => ({ type: "float32", value });

describe("an unknown model", () => {
  it.each(["bpe", "spm"] as const)("opens when nothing is wrong with it (%s)", async (kind) => {
    expect(await outcome(await write(kind))).toBe("opens");
  });

  it.each<[string, "bpe" | "spm", Record<string, WritableValue>, RegExp]>([
    ["no layers", "bpe", { "llama.block_count": count(0) }, /block_count is 0/],
    ["1,000 layers", "bpe", { "llama.block_count": count(1000) }, /block_count is 1000/],
    [
      "an epsilon that is no number",
      "bpe",
      { "llama.attention.layer_norm_rms_epsilon": float(Number.NaN) },
      /no number/,
    ],
    ["a negative epsilon", "bpe", { "llama.attention.layer_norm_rms_epsilon": float(-1) }, /epsilon is -1/],
    ["alignment 1", "bpe", { "general.alignment": count(1) }, /alignment is 1/],
    ["equal tokens", "bpe", { "tokenizer.ggml.tokens": { type: "strings", value: ["a", "b", "a"] } }, /token/],
    [
      "no byte tokens",
      "spm",
      { "tokenizer.ggml.tokens": words(277), "tokenizer.ggml.token_type": kinds(277) },
      /no token <0x00>/,
    ],
    ["too few scores", "spm", { "tokenizer.ggml.scores": { type: "float32s", value: [1] } }, /scores has 1 items/],
    ["no heads", "bpe", { "llama.attention.head_count": count(0) }, /cannot be used|cannot load/],
    ["more heads than width", "bpe", { "llama.attention.head_count": count(1000) }, /cannot be used|cannot load/],
    ["an odd rotation", "bpe", { "llama.rope.dimension_count": count(7) }, /cannot be used|cannot load/],
  ])("is one clear line with %s", async (_, kind, change, line) => {
    expect(await outcome(await write(kind, change))).toMatch(line);
  });

  it("is tried once, and again when it has changed", async () => {
    const path = await write("bpe");
    const long = new Date(Date.now() - 60_000);
    await passTrial(loadOf(path), folder);
    // The file system's clock is coarse: what was written just before the trial is not believed yet.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await passTrial(loadOf(path), folder);
    const trials = () => readdirSync(join(folder, "trials")).filter((name) => name.endsWith(".json"));
    const verdict = join(folder, "trials", trials().at(-1)!);
    const before = readFileSync(verdict, "utf8");
    await passTrial(loadOf(path), folder);
    expect(readFileSync(verdict, "utf8")).toBe(before);
    const known = trials().length;
    writeFileSync(path, readFileSync(path));
    utimesSync(path, long, long);
    await passTrial(loadOf(path), folder);
    expect(trials()).toHaveLength(known + 1);
  });
});

function words(length: number): WritableValue {
  return { type: "strings", value: Array.from({ length }, (_, id) => `w${id}`) };
}

function kinds(length: number): WritableValue {
  return { type: "int32s", value: Array.from({ length }, () => 1) };
}
