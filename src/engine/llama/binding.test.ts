/** The contract of every foreign call: a call with a wrong declaration would crash this file's process. */
import koffi from "koffi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultCacheDir } from "../../models/cache.js";
import { ensureStandin } from "../../models/standin.js";
import { DEFAULT_SAMPLING, Sequence } from "../../scheduler/request.js";
import { LlamaBatch } from "./batch.js";
import { loadLlama } from "./binding.js";
import { errorLines } from "./log.js";
import { deviceMemory } from "./memory-gauge.js";
import type { Pointer } from "./structs.js";

const VOCABULARY = 50_304;
const END_OF_TEXT = 50_256;

const { api } = loadLlama("cpu");
let model: Pointer;
let vocab: Pointer;

beforeAll(async () => {
  const path = await ensureStandin({ name: "nano", format: "f32" }, defaultCacheDir());
  model = api.modelLoadFromFile(path, { ...api.modelDefaultParams(), n_gpu_layers: 0 })!;
  vocab = api.modelGetVocab(model);
});

afterAll(() => api.modelFree(model));

describe("llama.h", () => {
  it("can be loaded again, as another thread does", () => {
    expect(loadLlama("cpu").api.version()).toBe(api.version());
  });

  it("describes the model", () => {
    expect(api.modelContextTrain(model)).toBe(1024);
    expect([api.modelLayers(model), api.modelEmbedding(model)]).toEqual([2, 64]);
    expect([api.modelHeads(model), api.modelHeadsKv(model)]).toEqual([2, 2]);
    expect([api.modelHasEncoder(model), api.modelIsRecurrent(model), api.modelIsHybrid(model)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(api.modelChatTemplate(model, null)).toBeNull();
  });

  it("reads the vocabulary", () => {
    expect(api.vocabSize(vocab)).toBe(VOCABULARY);
    expect(api.vocabBegin(vocab)).toBe(END_OF_TEXT);
    expect([api.vocabIsEndOfGeneration(vocab, END_OF_TEXT), api.vocabIsEndOfGeneration(vocab, 5)]).toEqual([
      true,
      false,
    ]);
  });

  it("tokenizes, and says how much room is missing", () => {
    const text = Buffer.from("Hello world");
    const tokens = new Int32Array(8);
    expect(api.tokenize(vocab, text, text.length, tokens, tokens.length, true, true)).toBe(2);
    expect(Array.from(tokens.subarray(0, 2))).toEqual([15_496, 995]);
    expect(api.tokenize(vocab, text, text.length, tokens, 1, true, true)).toBe(-2);
    const piece = new Uint8Array(16);
    expect(api.tokenToPiece(vocab, 995, piece, piece.length, 0, false)).toBe(6);
    expect(Buffer.from(piece.subarray(0, 6)).toString()).toBe(" world");
    expect(api.tokenToPiece(vocab, 995, piece, 1, 0, false)).toBe(-6);
  });

  it("computes with threads of its own, trims and copies", () => {
    const params = { ...api.contextDefaultParams(), n_ctx: 512, n_seq_max: 2, n_threads: 1, n_threads_batch: 1 };
    const context = api.initFromModel(model, { ...params, n_outputs_max: 2, flash_attn_type: 1 })!;
    const pool = api.threadPool!.create(api.threadPool!.defaultParams(1))!;
    api.attachThreadPool(context, pool, null);
    const memory = api.getMemory(context);
    const request = { id: "a", promptTokens: [1, 2, 3], maxTokens: 1, sampling: DEFAULT_SAMPLING };
    const sequence = new Sequence({ ...request, priority: 0, user: "", deadlineMs: 0 }, 0, 0);
    const batch = new LlamaBatch(8);
    batch.fill([{ sequence, slot: 0, start: 0, count: 3, sample: true }]);
    expect(api.decode(context, batch.native)).toBe(0);
    const logits = new Float32Array(koffi.view(api.getLogits(context)!, 4 * VOCABULARY));
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(new Set(logits).size).toBeGreaterThan(1000);
    api.memorySeqCopy(memory, 0, 1, -1, -1);
    expect(api.memorySeqRemove(memory, 1, 2, -1)).toBe(true);
    const continueAt = (slot: number, start: number): number => {
      batch.fill([{ sequence, slot, start, count: 1, sample: false }]);
      return api.decode(context, batch.native);
    };
    expect([continueAt(0, 2), continueAt(0, 3), continueAt(0, 5)], "slot 0 holds three cells").toEqual([-1, 0, -1]);
    expect([continueAt(1, 3), continueAt(1, 2)], "slot 1 holds two").toEqual([-1, 0]);
    api.detachThreadPool(context);
    api.free(context);
    api.threadPool!.free(pool);
    batch.free();
  });

  it("names the devices and their memory", () => {
    expect(Number(api.deviceCount())).toBeGreaterThan(0);
    const device = api.deviceGet(0);
    expect(api.deviceType(device)).toBe(0);
    expect(api.deviceDescription(device)).not.toBe("");
    const { freeBytes, totalBytes } = deviceMemory(api, device);
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });

  it("tells its errors when asked", () => {
    const lines = errorLines(api, () => {
      expect(api.modelLoadFromFile("/nowhere.gguf", api.modelDefaultParams())).toBeNull();
    });
    expect(lines.join("\n")).toContain("/nowhere.gguf");
  });
});
