import { describe, expect, it } from "vitest";
import { Lifetime } from "./lifetime.js";

describe("a request's life", () => {
  it("goes from waiting over running to its end", () => {
    const life = new Lifetime(5);
    expect(life).toMatchObject({ state: "waiting", startedMs: null, firstTokenMs: null, lastTokenMs: null });
    life.take({ type: "started", id: "r", nowMs: 10, slot: 2, batch: 3, batchSize: 4 });
    expect(life).toMatchObject({ state: "running", startedMs: 10, placement: { slot: 2, batch: 3, batchSize: 4 } });
    life.take({ type: "tokens", id: "r", nowMs: 20, tokens: [1, 2], text: "ab", logprobs: [] });
    expect(life).toMatchObject({ firstTokenMs: 20, lastTokenMs: 20, outputTokens: 2, ended: false });
    life.finished(2, 20);
    expect(life).toMatchObject({ state: "finished", endedMs: 20, ended: true });
  });

  it("starts once: where a preempted request goes on moves nothing", () => {
    const life = new Lifetime(0);
    life.started({ slot: 0, batch: 1, batchSize: 2 }, 10);
    life.take({ type: "preempted", id: "r", nowMs: 20 });
    expect(life.state).toBe("waiting");
    life.started({ slot: 1, batch: 9, batchSize: 1 }, 50);
    expect(life).toMatchObject({ state: "running", startedMs: 10, placement: { slot: 0, batch: 1, batchSize: 2 } });
  });

  it("has no first token where it failed before any text, and keeps what it had where it failed later", () => {
    const early = new Lifetime(0);
    early.tokens("", 1, 10);
    early.failed(20);
    expect(early).toMatchObject({ state: "failed", firstTokenMs: null, lastTokenMs: 10, outputTokens: 1, endedMs: 20 });
    const late = new Lifetime(0);
    late.tokens("a", 1, 10);
    late.failed(20);
    expect(late).toMatchObject({ firstTokenMs: 10, lastTokenMs: 10, endedMs: 20 });
  });

  it("of an answer without any tokens is told by its end", () => {
    const life = new Lifetime(0);
    life.finished(0, 30);
    expect(life).toMatchObject({ firstTokenMs: 30, lastTokenMs: 30, outputTokens: 0 });
  });

  it("takes times as they were heard, except for the start, which only the scheduler knows", () => {
    const life = new Lifetime(0);
    life.take({ type: "started", id: "r", nowMs: 10, slot: 0, batch: 1, batchSize: 1 }, 12);
    life.take({ type: "tokens", id: "r", nowMs: 20, tokens: [1], text: "a", logprobs: [] }, 23);
    expect(life).toMatchObject({ startedMs: 10, firstTokenMs: 23 });
  });
});
