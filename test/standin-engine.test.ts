import fc from "fast-check";
import { encode } from "gpt-3-encoder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SystemClock } from "../src/clock.js";
import { type LlamaEngine, openLlamaEngine } from "../src/engine/llama/engine.js";
import { resolveModel } from "../src/models/resolve.js";
import { STANDIN_FORMATS } from "../src/models/standin/shapes.js";
import { PADDED_VOCABULARY_SIZE } from "../src/models/standin/vocabulary.js";

async function open(spelling: string): Promise<LlamaEngine> {
  const model = await resolveModel(spelling);
  if (model.kind !== "gguf") throw new Error(`${spelling} is no file`);
  return openLlamaEngine({
    modelPath: model.path,
    modelName: model.name,
    device: "cpu",
    threads: 1,
    slots: 1,
    contextSize: 64,
    clock: new SystemClock(),
    memoryLimitBytes: 0,
  });
}

describe("llama.cpp on a stand-in", () => {
  let engine: LlamaEngine;
  beforeAll(async () => {
    engine = await open("standin:nano");
  });
  afterAll(() => engine.close());

  it.each([
    "Hello, world! It's what we'll say, isn't it?",
    "  spaces   in\tall \n\n places \r\n ",
    "naïve café, Zürich; русский текст, 日本語と中文, مرحبا",
    "😀👩‍👩‍👧‍👦🏳️‍🌈 ½ ² Ⅷ ﬁ",
    "function f(x) {\n    return x ** 2; // 1234567890 12.5 %\n}",
    "x".repeat(300),
  ])("cuts %j into GPT-2's tokens", (text) => {
    expect(engine.tokenize(text, false)).toEqual(encode(text));
    expect(engine.detokenize(engine.tokenize(text, false))).toBe(text);
  });

  it("cuts any text into GPT-2's tokens", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.lorem());
    fc.assert(
      fc.property(text, (words) => {
        expect(engine.tokenize(words, false)).toEqual(encode(words));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("knows the end of text as one token, and no padding token", () => {
    expect(engine.tokenize("a<|endoftext|>b", true)).toEqual([64, 50256, 65]);
    expect(engine.tokenize("<|padding_50300|>", true).length).toBeGreaterThan(1);
    expect(engine.info.vocabularySize).toBe(PADDED_VOCABULARY_SIZE);
  });
});

describe.each(STANDIN_FORMATS)("a stand-in in %s", (format) => {
  it("loads", async () => {
    const engine = await open(`standin:nano:${format}`);
    expect(engine.info).toMatchObject({ kind: "llama", vocabularySize: PADDED_VOCABULARY_SIZE });
    engine.close();
  });
});
