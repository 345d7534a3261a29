import { describe, expect, it } from "vitest";
import { whyItNeverFits, whyTheQueueIsFull } from "./intake.js";

const bounds = { maxNumQueuedReqs: 3, maxNumQueuedTokens: 100 };
const empty = { waiting: 0, waitingTokens: 0 };
const takes = (backlog: typeof empty, promptTokens: readonly number[]) =>
  whyTheQueueIsFull(backlog, promptTokens, bounds) === undefined;

describe("the queue's bounds", () => {
  it("count requests, those that come together as well", () => {
    expect(takes(empty, [1, 1, 1])).toBe(true);
    expect(takes(empty, [1, 1, 1, 1])).toBe(false);
    expect(takes({ waiting: 2, waitingTokens: 2 }, [1, 1])).toBe(false);
  });

  it("count prompt tokens", () => {
    const backlog = { waiting: 1, waitingTokens: 60 };
    expect([takes(backlog, [40]), takes(backlog, [41]), takes(backlog, [20, 21])]).toEqual([true, false, false]);
  });

  it("let an empty queue take any prompt, or it would never run", () => {
    expect([takes(empty, [500]), takes(empty, [500, 1])]).toEqual([true, false]);
  });

  it("say of several together what they say of each in turn", () => {
    for (const lengths of [[30, 40, 50], [30, 40, 30], [500], [500, 1]]) {
      let backlog = empty;
      const inTurn = lengths.map((tokens) => {
        const taken = takes(backlog, [tokens]);
        backlog = { waiting: backlog.waiting + 1, waitingTokens: backlog.waitingTokens + tokens };
        return taken;
      });
      expect(takes(empty, lengths)).toBe(inTurn.every(Boolean));
    }
  });
});

it("prompt and output share a slot", () => {
  const why = (prompt: number) => whyItNeverFits({ promptTokens: new Array(prompt).fill(1), maxTokens: 4 }, 8)?.code;
  expect([why(4), why(5), why(0)]).toEqual([undefined, "context_length_exceeded", "invalid_request"]);
});
