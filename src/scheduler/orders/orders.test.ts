import { describe, expect, it } from "vitest";
import { makeRequest } from "../../conformance/scenario.js";
import { findOrder } from "../load.js";
import { precedenceOf } from "../precedence.js";
import { WaitQueue } from "../queue.js";
import { type Request, Sequence } from "../request.js";

function queued(name: string, requests: readonly Partial<Request>[], ageAfterMs = 1000) {
  const order = findOrder(name).create();
  const queue = new WaitQueue(precedenceOf(order, ageAfterMs));
  requests.forEach((fields, i) => {
    const sequence = new Sequence(makeRequest({ id: `r${i}`, ...fields }), i, i);
    order.joined?.(sequence);
    queue.add(sequence);
  });
  return { order, queue };
}

function drained(queue: WaitQueue, nowMs = 0): string[] {
  const ids: string[] = [];
  for (let next = queue.peek(nowMs); next; next = queue.peek(nowMs)) {
    ids.push(next.id);
    queue.remove(next);
  }
  return ids;
}

describe("who is next", () => {
  it("fcfs: by arrival", () => {
    expect(drained(queued("fcfs", [{ priority: 3 }, { priority: 1 }]).queue)).toEqual(["r0", "r1"]);
  });

  it("sjf: by bucket of maxTokens, within a bucket by arrival", () => {
    const { queue } = queued("sjf", [{ maxTokens: 100 }, { maxTokens: 8 }, { maxTokens: 5 }, { maxTokens: 9 }]);
    expect(drained(queue)).toEqual(["r1", "r2", "r3", "r0"]);
  });

  it("priority: lower first", () => {
    expect(drained(queued("priority", [{ priority: 1 }, { priority: 0 }, { priority: 1 }]).queue)).toEqual([
      "r1",
      "r0",
      "r2",
    ]);
  });

  it("edf: earliest deadline, none last", () => {
    expect(drained(queued("edf", [{}, { deadlineMs: 90 }, { deadlineMs: 50 }]).queue)).toEqual(["r2", "r1", "r0"]);
  });

  it("fair: the user who was served least", () => {
    const { order, queue } = queued("fair", [{ user: "ann" }, { user: "ann" }, { user: "bob" }]);
    const first = queue.peek(0)!;
    queue.remove(first);
    order.served?.(first, 10);
    expect(drained(queue)).toEqual(["r2", "r1"]);
  });

  it("fair: a pause saves up nothing", () => {
    const order = findOrder("fair").create();
    const sequence = (id: string, user: string, serial: number) => new Sequence(makeRequest({ id, user }), serial, 0);
    const [early, busy, back] = [sequence("early", "ann", 0), sequence("busy", "bob", 1), sequence("back", "ann", 2)];
    order.joined?.(early);
    order.left?.(early);
    order.joined?.(busy);
    order.served?.(busy, 100);
    order.joined?.(back);
    expect(order.rank(back)).toBe(order.rank(busy));
  });

  it("an aged request goes before all that arrived later", () => {
    expect(drained(queued("priority", [{ priority: 9 }, { priority: 0 }], 500).queue, 500)).toEqual(["r0", "r1"]);
  });
});
