import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SystemClock } from "../../clock.js";
import { defaultCacheDir } from "../../models/cache.js";
import { ensureStandin } from "../../models/standin.js";
import { DEFAULT_SAMPLING, type SamplingParams, Sequence } from "../../scheduler/request.js";
import { type LlamaEngine, openLlamaEngine } from "./engine.js";

let engine: LlamaEngine;
let modelPath: string;

beforeAll(async () => {
  modelPath = await ensureStandin({ name: "nano", format: "f32" }, defaultCacheDir());
  engine = openLlamaEngine({
    modelPath,
    modelName: "standin:nano:f32",
    device: "cpu",
    threads: 1,
    slots: 4,
    contextSize: 256,
    clock: new SystemClock(),
    memoryLimitBytes: 0,
  });
});

afterAll(() => engine.close());

/** Runs one sequence alone and returns its text. */
function generate(prompt: string, maxTokens: number, sampling: Partial<SamplingParams>): string {
  const request = {
    id: prompt,
    promptTokens: engine.tokenize(prompt, true),
    maxTokens,
    sampling: { ...DEFAULT_SAMPLING, ...sampling },
    priority: 0,
    user: "",
    deadlineMs: Number.POSITIVE_INFINITY,
  };
  const sequence = new Sequence(request, 0, 0);
  let text = "";
  for (let stopped = false; !stopped && sequence.generated < maxTokens; ) {
    const { computed: start, pending: count } = sequence;
    const row = {
      sequence,
      slot: 0,
      start,
      count,
      sample: true,
      last: sequence.generated + 1 === maxTokens,
      padding: false,
    };
    const slotChanges = start === 0 ? [{ kind: "trim" as const, slot: 0, keep: 0 }] : [];
    const [sample] = engine.run({ slotChanges, rows: [row] }).samples;
    sequence.computed += count;
    sequence.tokens.push(sample!.token);
    text += sample!.text;
    stopped = sample!.stopped;
  }
  return text;
}

describe("LlamaEngine", () => {
  it("describes itself", () => {
    expect(engine.info).toMatchObject({
      model: "standin:nano:f32",
      kind: "llama",
      slots: 4,
      contextSize: 256,
      vocabularySize: 50_304,
    });
  });

  it("turns text into tokens and back", () => {
    const text = "Der Fluß, 5 € — und 😀.";
    expect(engine.detokenize(engine.tokenize(text, true))).toBe(text);
  });

  it("reads a marker as a token only where markers are special", () => {
    expect(engine.tokenize("a<|endoftext|>", true)).toEqual([64, 50_256]);
    expect(engine.tokenize("a<|endoftext|>", false)).toHaveLength(8);
  });

  it("repeats itself with the same seed and not with another", () => {
    const first = generate("Once upon a time", 12, { seed: 1 });
    expect(generate("Once upon a time", 12, { seed: 1 })).toBe(first);
    expect(generate("Once upon a time", 12, { seed: 2 })).not.toBe(first);
  });

  it("keeps to a grammar", () => {
    expect(generate("Say:", 12, { grammar: 'root ::= "yes" | "no " [0-9]', seed: 3 })).toMatch(/^(yes|no [0-9])$/);
  });
});
