import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SystemClock } from "../../clock.js";
import { SluiceError } from "../../errors.js";
import { defaultCacheDir } from "../../models/cache.js";
import { ensureStandin } from "../../models/standin.js";
import { type LlamaEngineOptions, openLlamaEngine } from "./engine.js";

let folder: string;
let nanoPath: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-model-"));
  nanoPath = await ensureStandin({ name: "nano", format: "q8_0" }, defaultCacheDir());
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A file in the folder with the changed bytes of the nano stand-in. */
function broken(name: string, change: (bytes: Buffer) => Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, change(readFileSync(nanoPath)));
  return path;
}

function open(options: Partial<LlamaEngineOptions>): SluiceError {
  try {
    openLlamaEngine({
      modelPath: nanoPath,
      modelName: "nano",
      device: "cpu",
      threads: 1,
      slots: 2,
      contextSize: 256,
      clock: new SystemClock(),
      memoryLimitBytes: 0,
      ...options,
    }).close();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error("it opened");
}

describe("a model that cannot be loaded is one clear line:", () => {
  it("a file that is not there", () => {
    const error = open({ modelPath: join(folder, "none.gguf") });
    expect(error.code).toBe("model_unavailable");
    expect(error.message).toMatch(/none\.gguf: there is no such file$/);
  });

  it("a folder", () => {
    expect(open({ modelPath: folder }).message).toMatch(/it is not a file$/);
  });

  it("a file of another kind, and an empty one", () => {
    for (const content of ["PK", "", "<html>not found</html>"]) {
      const path = join(folder, "other.gguf");
      writeFileSync(path, content);
      expect(open({ modelPath: path })).toMatchObject({ code: "model_unavailable" });
      expect(open({ modelPath: path }).message).toContain("is not a GGUF file");
    }
  });

  it.each([
    ["in its header", 5000],
    ["in its weights", 2_500_000],
  ])("a file cut off %s", (_where, bytes) => {
    const path = broken("cut.gguf", (whole) => whole);
    truncateSync(path, bytes);
    expect(open({ modelPath: path })).toMatchObject({
      code: "model_unavailable",
      message: expect.stringContaining("cut off or damaged"),
    });
  });

  it("an architecture that llama.cpp does not know", () => {
    const path = broken("odd.gguf", (bytes) => {
      // The first value of the file is general.architecture: length, then letters.
      bytes.write("gpt9", bytes.indexOf("gpt2"));
      return bytes;
    });
    const error = open({ modelPath: path });
    expect(error.code).toBe("model_unavailable");
    expect(error.message).toMatch(/of the architecture "gpt9", which llama.cpp 0\.5\.0\S* does not know$/);
  });

  it("more weights or cells than memory", () => {
    const available = Reflect.get(process, "availableMemory");
    const openWith = (freeMib: number, slots: number) => {
      Reflect.set(process, "availableMemory", () => freeMib * 2 ** 20);
      return open({ slots, contextSize: 1024 });
    };
    try {
      expect(openWith(1, 2)).toMatchObject({
        code: "model_unavailable",
        message: expect.stringMatching(/1 MiB are free/),
      });
      // 2 layers, keys and values of 64 numbers of 2 bytes: 512 bytes a cell.
      expect(openWith(100, 256)).toMatchObject({
        code: "model_unavailable",
        message: expect.stringMatching(
          /^256 slots of 1024 tokens need 128 MiB of memory and 100 MiB are free; use fewer/,
        ),
      });
    } finally {
      Reflect.set(process, "availableMemory", available);
    }
  });

  it("sizes that cannot be", () => {
    expect(open({ slots: 0 })).toMatchObject({ code: "usage", field: "slots" });
    expect(open({ slots: 257 })).toMatchObject({ code: "usage", field: "slots" });
    expect(open({ contextSize: 1025 })).toMatchObject({ code: "usage", field: "context-size" });
  });
});

describe("a device that is not there is one clear line:", () => {
  it.runIf(process.platform === "linux" && process.arch === "x64")("with the command that installs it", () => {
    for (const device of ["cuda", "vulkan"] as const) {
      const error = open({ device });
      expect(error.code).toBe("device_unavailable");
      expect(error.message).toMatch(new RegExp(`npm install @node-llama-cpp/linux-x64-${device}@3\\.22\\.1`));
    }
    expect(open({ device: "metal" }).message).toContain("there is no metal build of llama.cpp for linux-x64");
  });
});
