import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sluice } from "./sluice.js";

let sluice: Sluice;

beforeEach(async () => {
  sluice = await Sluice.open({ model: "mock", slots: 2, policyOptions: { maxNumSeqs: 2 } });
});

afterEach(() => sluice.shutdown());

describe("the library's face", () => {
  it("cancels by a signal, queued or running, and says by which", async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const calls = [1, 2, 3].map(() => sluice.addRequest("one two", { maxTokens: 500, signal }));
    const ended = Promise.allSettled(calls);
    abort.abort(new Error("the user went away"));
    for (const outcome of await ended) {
      expect(outcome).toMatchObject({ reason: { code: "cancelled", cause: { message: "the user went away" } } });
    }
  });

  it("starts nothing for a signal that has fired", async () => {
    const call = sluice.addRequest("one", { maxTokens: 500, signal: AbortSignal.abort("late") });
    await expect(call).rejects.toMatchObject({ code: "cancelled", cause: "late" });
  });

  it("ends a stream by a signal", async () => {
    const abort = new AbortController();
    const read = async () => {
      for await (const _ of sluice.generate("one", { maxTokens: 500, signal: abort.signal })) abort.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: "cancelled" });
  });

  it("checks its settings by the names that it has for them", async () => {
    const refusal = (settings: object) =>
      Sluice.open({ model: "mock", ...settings }).catch((error: Error) => error.message);
    expect(await refusal({ slots: 999 })).toMatch(/^slots must be a whole number from 1 to 256, or 0 for/);
    expect(await refusal({ threads: "4" })).toMatch(
      /^threads must be a whole number from 1 to 1024, or 0 for .*, got "4"/,
    );
    expect(await refusal({ device: "gpu" })).toMatch(/^device must be one of auto, cpu, /);
    expect(await refusal({ model: "" })).toMatch(/^model must be a text that is not empty/);
    expect(await refusal({ maxNumQueuedReqs: -1 })).toMatch(/^maxNumQueuedReqs must be a whole number of at least 1/);
    expect(await refusal({ slot: 1 })).toMatch(/^there is no option slot \(did you mean "slots"\?\)/);
    expect(await refusal({ policyOptions: { maxNumSeqs: 0 } })).toMatch(/^continuous: maxNumSeqs must be/);
  });

  it("has as many slots as its scheduler uses", async () => {
    const wide = await Sluice.open({ model: "mock", policy: "static", policyOptions: { maxBatchSize: 64 } });
    expect(wide.info.slots).toBe(64);
    await wide.shutdown();
  });

  it("gives back the text of its tokens", async () => {
    const nano = await Sluice.open({ model: "standin:nano", slots: 32, contextSize: 64 });
    expect(nano.detokenize(nano.tokenize("one two"))).toBe("one two");
    expect(() => nano.detokenize([-1])).toThrow(/token ids are whole numbers/);
    await nano.shutdown();
  });

  it("shuts down once, and then says so to every call", async () => {
    const last = sluice.addRequest("one", { maxTokens: 2 });
    await Promise.all([sluice.shutdown(), sluice.shutdown()]);
    expect((await last).completionTokens).toBe(2);
    await expect(sluice.shutdown()).resolves.toBeUndefined();
    await expect(sluice.addRequest("two")).rejects.toMatchObject({ code: "shutting_down" });
    await expect(sluice.generate("two").next()).rejects.toMatchObject({ code: "shutting_down" });
    await expect(sluice.metrics()).rejects.toMatchObject({ code: "shutting_down" });
    expect(() => sluice.tokenize("two")).toThrow(expect.objectContaining({ code: "shutting_down" }));
  });
});
