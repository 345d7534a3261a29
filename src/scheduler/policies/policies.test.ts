import { describe, expect, it } from "vitest";
import { type Happening, makeRequest, play, type Trace } from "../../conformance/scenario.js";
import { resolveOptions } from "../../options.js";
import { findOrder } from "../load.js";
import { POLICIES } from "./registry.js";

/** One token takes 50 ms alone, so that starts are easy to tell. */
function run(
  name: string,
  options: Record<string, number | boolean>,
  arrivalsMs: readonly number[],
  flushAtMs?: number,
): Trace {
  const definition = POLICIES.find((candidate) => candidate.name === name)!;
  const policy = definition.create(resolveOptions(name, definition.options, options));
  const happenings: Happening[] = arrivalsMs.map((atMs, i) => ({
    atMs,
    kind: "submit",
    request: makeRequest({ id: `r${i}`, maxTokens: 1 }),
  }));
  // Something that comes much later keeps the scheduler from draining, which would flush.
  happenings.push({ atMs: 1_000_000, kind: "submit", request: makeRequest({ id: "late" }) });
  if (flushAtMs !== undefined) happenings.push({ atMs: flushAtMs, kind: "flush" });
  happenings.sort((a, b) => a.atMs - b.atMs);
  const scenario = {
    slots: 32,
    contextSize: 128,
    maxStepTokens: 2048,
    ageAfterMs: 10_000,
    maxNumQueuedReqs: 1024,
    compactSlots: true,
    failingSteps: [],
  };
  return play({ ...scenario, happenings }, policy, findOrder("fcfs").create());
}

const starts = (trace: Trace) =>
  trace.events.flatMap((event) =>
    event.type === "started" && event.id !== "late" ? [[event.nowMs, event.batchSize]] : [],
  );

describe("when a batch starts", () => {
  it("sequential: at once, one at a time", () => {
    expect(starts(run("sequential", {}, [0, 0, 10]))).toEqual([
      [0, 1],
      [50, 1],
      [100, 1],
    ]);
  });

  it("naive: when batchSize wait, and not before", () => {
    expect(starts(run("naive", { batchSize: 2 }, [0, 700]))).toEqual([
      [700, 2],
      [700, 2],
    ]);
  });

  it("naive: the remainder on flush", () => {
    expect(starts(run("naive", { batchSize: 2 }, [0], 900))).toEqual([[900, 1]]);
  });

  it("async-naive: timeoutMs after collecting began, requests or not", () => {
    expect(starts(run("async-naive", { batchSize: 2, timeoutMs: 500 }, [300]))).toEqual([[500, 1]]);
    expect(starts(run("async-naive", { batchSize: 2, timeoutMs: 500 }, [1200]))).toEqual([[1500, 1]]);
  });

  it("static: maxWaitMs after the batch's first request", () => {
    expect(starts(run("static", { maxBatchSize: 4, maxWaitMs: 20 }, [300, 310]))).toEqual([
      [320, 2],
      [320, 2],
    ]);
  });

  it("static: what waited while a batch ran still gets its time to find company", () => {
    const trace = run("static", { maxBatchSize: 2, maxWaitMs: 20 }, [0, 0, 10]);
    expect(starts(trace).at(-1)![1]).toBe(1);
    expect(starts(trace).at(-1)![0]).toBeCloseTo(50 * (1 - 0.1 * Math.log(2)) + 20, 9);
  });

  it("dynamic: the SLA bounds the wait even when the timeout has not passed", () => {
    expect(starts(run("dynamic", { timeoutMs: 5000, maxTimeWaitMs: 2000 }, [100]))).toEqual([[2100, 1]]);
  });

  it("dynamic: grows by two after a batch, up to its maximum", () => {
    const arrivals = Array.from({ length: 60 }, () => 0);
    const sizes = starts(run("dynamic", { batchSize: 8, maxBatchSize: 12, timeoutMs: 0 }, arrivals)).map(
      ([, size]) => size,
    );
    expect([...new Set(sizes)].slice(0, 3)).toEqual([8, 10, 12]);
    expect(Math.max(...sizes.map(Number))).toBe(12);
  });

  it("dynamic: shrinks by one under memory pressure, down to its minimum", () => {
    const arrivals = Array.from({ length: 60 }, () => 0);
    const options = { batchSize: 6, minBatchSize: 4, memoryThreshold: 0, timeoutMs: 0 };
    const sizes = starts(run("dynamic", options, arrivals)).map(([, size]) => size);
    expect([...new Set(sizes)].slice(0, 3)).toEqual([6, 5, 4]);
  });

  it("continuous: at the next step, while others run", () => {
    const trace = run("continuous", { lingerMs: 0 }, [0, 10]);
    expect(starts(trace)).toEqual([
      [0, 1],
      [50, 1],
    ]);
  });

  it("continuous: when nothing runs, while requests keep coming, until as many wait as ran together before", () => {
    const trace = run("continuous", {}, [0, 1, 2, 500, 501, 502, 900, 1500]);
    expect(starts(trace)).toEqual([
      [3.5, 3], // nothing is known yet: 1.5 ms after the last of a burst
      [3.5, 3],
      [3.5, 3],
      [502, 3], // as many as before
      [502, 3],
      [502, 3],
      [901.5, 1], // alone, after three
      [1500, 1], // alone, after one: at once
    ]);
  });

  it("continuous: a burst that goes on is not waited for longer than lingerMs", () => {
    const trace = run("continuous", { lingerMs: 4 }, [0, 1, 2, 3, 4, 5]);
    expect(starts(trace).slice(0, 4)).toEqual(Array(4).fill([4, 5]));
  });
});

describe("options", () => {
  it.each(POLICIES.map((definition) => [definition.name, definition] as const))(
    "%s: defaults are within ranges",
    (name, definition) => {
      expect(() => resolveOptions(name, definition.options, {})).not.toThrow();
      expect(definition.refuse?.(resolveOptions(name, definition.options, {}), { concurrency: 10 })).toBeUndefined();
    },
  );

  it("naive refuses a batch that can never fill", () => {
    const naive = POLICIES.find(({ name }) => name === "naive")!;
    const options = resolveOptions("naive", naive.options, { batchSize: 16 });
    expect(naive.refuse?.(options, { concurrency: 10 })).toContain("batchSize 16 > 10 concurrent clients");
  });

  it("names option, range and value", () => {
    const { options } = POLICIES.find(({ name }) => name === "static")!;
    expect(() => resolveOptions("static", options, { maxBatchSize: 0 })).toThrow(
      "static: maxBatchSize must be a whole number from 1 to 256, got 0",
    );
    expect(() => resolveOptions("static", options, { maxBatch: 4 })).toThrow("static has no option maxBatch");
  });
});
