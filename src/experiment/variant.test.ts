import { describe, expect, it } from "vitest";
import { DEFAULT_SCHEDULER } from "../scheduler/settings.js";
import { parseSchedulers, resolveVariants, type VariantSettings } from "./variant.js";

const base: Omit<VariantSettings, "entries"> = { options: {}, scheduler: DEFAULT_SCHEDULER, concurrency: 10 };
const resolve = (words: string[], given: Partial<typeof base> = {}) =>
  resolveVariants({ ...base, ...given, entries: parseSchedulers(words) });

describe("--schedulers", () => {
  it("takes spaces and commas, and options after a colon", () => {
    expect(parseSchedulers(["static:maxBatchSize=16,maxWaitMs=5", "naive,./p.js:a=b"])).toEqual([
      { name: "static", options: { maxBatchSize: "16", maxWaitMs: "5" } },
      { name: "naive", options: {} },
      { name: "./p.js", options: { a: "b" } },
    ]);
    expect(() => parseSchedulers(["a=1"])).toThrow(/belongs to no scheduler/);
    expect(() => parseSchedulers([","])).toThrow(/name at least one/);
  });

  it("gives shared options to those that have them, own options first", async () => {
    const shared = { options: { maxBatchSize: { word: "4", called: "--max-batch-size" } } };
    const variants = await resolve(["sequential", "static", "dynamic:maxBatchSize=16"], shared);
    expect(variants.map((variant) => variant.maxSequences)).toEqual([1, 4, 16]);
    expect(variants[1]?.settings?.policyOptions).toMatchObject({ maxBatchSize: 4, maxWaitMs: 20 });
  });

  it("tells variants of one policy apart by their options", async () => {
    const variants = await resolve(["static:maxBatchSize=2", "static:maxBatchSize=4", "naive"]);
    expect(variants.map((variant) => variant.label)).toEqual([
      "static maxBatchSize=2",
      "static maxBatchSize=4",
      "naive",
    ]);
    const twice = await resolve(["static", "static", "static:maxBatchSize=2"]);
    expect(twice.map((variant) => variant.label)).toEqual(["static", "static #2", "static maxBatchSize=2"]);
  });

  it("knows remote schedulers, which have no options here", async () => {
    const [remote] = await resolve(["vllm"]);
    expect(remote).toMatchObject({ label: "vllm", settings: undefined });
    await expect(resolve(["remote:batchSize=4"])).rejects.toThrow(/remote has no option batchSize/);
  });

  it.each([
    [["contiuous"], /no scheduler is called "contiuous" \(did you mean "continuous"\?\)/],
    [["static:maxBatch=4"], /static has no option maxBatch/],
    [["static:maxBatchSize=many"], /maxBatchSize must be a whole number from 1 to 256, got "many"/],
    [["naive:batchSize=16"], /naive cannot run like this: batchSize 16 > 10 concurrent clients/],
  ])("refuses %j", async (words, message) => {
    await expect(resolve(words)).rejects.toThrow(message);
  });

  it("names a shared option as whoever gave it does", async () => {
    const tooMany = { maxBatchSize: { word: "999", called: "--max-batch-size" } };
    await expect(resolve(["static"], { options: tooMany })).rejects.toThrow(
      /^--max-batch-size must be a whole number from 1 to 256, got "999"$/,
    );
    const full = { memoryThreshold: { word: "2", called: "GPU_MEMORY_UTIL" } };
    await expect(resolve(["dynamic"], { optionalOptions: full })).rejects.toThrow(
      /^GPU_MEMORY_UTIL must be a number from 0 to 1, got "2"$/,
    );
  });

  it("refuses a shared option that nobody has, and says whose it is", async () => {
    const shared = { options: { batchSize: { word: "4", called: "--batch-size" } } };
    await expect(resolve(["static"], shared)).rejects.toThrow(
      /^--batch-size: .* batchSize; it belongs to naive, async-naive/,
    );
  });
});
