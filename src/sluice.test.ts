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
