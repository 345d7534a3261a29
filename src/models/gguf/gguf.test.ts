import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { fromHalf, toHalf, WRITABLE_FORMATS, type WritableFormat } from "./quantize.js";
import { readGguf } from "./reader.js";
import { type GgufContent, writeGguf } from "./writer.js";

const folder = mkdtempSync(join(tmpdir(), "sluice-gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CONTENT: GgufContent = {
  metadata: new Map([
    ["general.architecture", { type: "string", value: "tést" }],
    ["count", { type: "uint32", value: 4_000_000_000 }],
    ["epsilon", { type: "float32", value: 0.5 }],
    ["flag", { type: "bool", value: true }],
    ["words", { type: "strings", value: ["a", "", "日本", "d"] }],
    ["types", { type: "int32s", value: [1, -2, 3] }],
  ]),
  tensors: (["f32", "f16", "q8_0", "q4_0"] as const).map((format) => ({
    name: `tensor.${format}`,
    shape: [32, 3],
    format,
    fill: (values, start) => {
      for (let i = 0; i < values.length; i++) values[i] = start + i;
    },
  })),
};

describe("writeGguf and readGguf", () => {
  it("agree on metadata, tensors and size", async () => {
    const path = join(folder, "agree.gguf");
    const progress: number[] = [];
    const { bytes } = await writeGguf(path, CONTENT, (done, total) => progress.push(done / total));
    const file = readGguf(path);
    expect(file).toMatchObject({ path, version: 3, fileBytes: bytes });
    expect([...file.metadata]).toEqual([
      ["general.architecture", "tést"],
      ["count", 4_000_000_000],
      ["epsilon", 0.5],
      ["flag", true],
      ["words", { itemType: "string", length: 4, items: ["a", "", "日本", "d"] }],
      ["types", { itemType: "int32", length: 3, items: [1, -2, 3] }],
    ]);
    expect(file.tensors.map(({ name, format, bytes }) => [name, format, bytes])).toEqual([
      ["tensor.f32", "F32", 384],
      ["tensor.f16", "F16", 192],
      ["tensor.q8_0", "Q8_0", 102],
      ["tensor.q4_0", "Q4_0", 54],
    ]);
    expect(progress).toHaveLength(4);
    expect(progress.at(-1)).toBeLessThanOrEqual(1);
    const f32 = readFileSync(path).subarray(bytes - 384 - 192 - 128 - 64);
    expect(f32.readFloatLE(4 * 95)).toBe(95);
  });

  it("keeps as many array items as asked for and still finds what follows", async () => {
    const path = join(folder, "arrays.gguf");
    await writeGguf(path, CONTENT);
    const { metadata } = readGguf(path, { arrayItems: 1 });
    expect(metadata.get("words")).toEqual({ itemType: "string", length: 4, items: ["a"] });
    expect(metadata.get("types")).toEqual({ itemType: "int32", length: 3, items: [1] });
  });

  it("refuses rows that are no whole blocks", async () => {
    const tensors = [{ ...CONTENT.tensors[2]!, shape: [33] }];
    const written = writeGguf(join(folder, "rows.gguf"), { metadata: new Map(), tensors });
    await expect(written).rejects.toThrow(/rows of 33 values/);
  });

  it("gives one clear line for every file cut short or damaged, never another error", async () => {
    const path = join(folder, "whole.gguf");
    await writeGguf(path, CONTENT);
    const whole = readFileSync(path);
    const damagedPath = join(folder, "damaged.gguf");
    fc.assert(
      fc.property(
        fc.nat(whole.length - 11),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
        (cut, edits) => {
          const damaged = Buffer.from(whole.subarray(0, cut));
          for (const [at, byte] of edits) if (at < cut) damaged[at] = byte;
          writeFileSync(damagedPath, damaged);
          try {
            readGguf(damagedPath);
            // An edit may have turned a tensor into a smaller one; an unedited file cut short must be refused.
            expect(edits.length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toMatchObject({ name: "SluiceError", code: "model_unavailable" });
            expect((error as Error).message).not.toContain("\n");
          }
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("half precision", () => {
  it("survives every bit pattern", () => {
    const patterns = Array.from({ length: 0x7c00 }, (_, bits) => bits);
    expect(patterns.filter((bits) => toHalf(fromHalf(bits)) !== bits)).toEqual([]);
    expect(patterns.filter((bits) => toHalf(-fromHalf(bits)) !== (bits | 0x8000))).toEqual([]);
  });

  it("rounds to nearest, ties to even, and past the largest to infinity", () => {
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(fromHalf(toHalf(65519))).toBe(65504);
    expect(fromHalf(toHalf(65520))).toBe(Number.POSITIVE_INFINITY);
    expect(fromHalf(toHalf(2 ** -25))).toBe(0);
    expect(toHalf(Number.NaN) & 0x7fff).toBeGreaterThan(0x7c00);
  });
});

describe("block quantization", () => {
  const encode = (format: WritableFormat, values: number[]): Uint8Array => {
    const out = new Uint8Array(4 * values.length);
    return out.subarray(0, WRITABLE_FORMATS[format].encode(Float32Array.from(values), values.length, out));
  };
  const block = (first: number[], rest = 0): number[] => [...first, ...Array<number>(32 - first.length).fill(rest)];

  it("Q8_0: the scale is max / 127, halves round away from zero", () => {
    const bytes = encode("q8_0", block([127, -127, 2.5, -2.5, 0.4, -0.6]));
    expect(fromHalf(bytes[0]! | (bytes[1]! << 8))).toBe(1);
    expect([...new Int8Array(bytes.buffer, 2, 7)]).toEqual([127, -127, 3, -3, 0, -1, 0]);
  });

  it("Q4_0: the extreme value becomes −8, value i and i + 16 share a byte", () => {
    const bytes = encode("q4_0", [-8, ...Array<number>(15).fill(0), 7, ...Array<number>(15).fill(3)]);
    expect(fromHalf(bytes[0]! | (bytes[1]! << 8))).toBe(1);
    expect([...bytes.subarray(2)]).toEqual([0xf0, ...Array<number>(15).fill(0xb8)]);
  });

  it("zeros stay zeros", () => {
    expect([...encode("q8_0", block([]))]).toEqual(Array(34).fill(0));
    expect([...encode("q4_0", block([]))].slice(2)).toEqual(Array(16).fill(0x88));
  });

  it("Q8_0 is never off by more than half a step", () => {
    const number = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 32, maxLength: 32 }), (values) => {
        const bytes = encode("q8_0", values);
        const step = Math.max(...values.map(Math.abs)) / 127;
        const scale = fromHalf(bytes[0]! | (bytes[1]! << 8));
        // The stored scale is itself rounded to half precision: at most 2⁻¹¹ of 127 steps, or half of its least value.
        const tolerance = 0.5 * step + 127 * (step * 2 ** -11 + 2 ** -25) + 1e-6;
        const decoded = [...new Int8Array(bytes.buffer, 2, 32)].map((q) => q * scale);
        values.forEach((value, i) => {
          expect(Math.abs(value - decoded[i]!)).toBeLessThanOrEqual(tolerance);
        });
      }),
      { seed: 1 },
    );
  });
});
