import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock.js";
import { SimulatedEngine } from "../engine/simulated/engine.js";
import { latencyMs, queueMs, scheduledLatencyMs } from "../metrics/request.js";
import { makeScheduler } from "../scheduler/load.js";
import { DEFAULT_SCHEDULER, type SchedulerSettings } from "../scheduler/settings.js";
import type { PlannedRequest } from "../workload/workload.js";
import { Collected } from "./collected.fixture.js";
import { simulate } from "./simulate.js";

const sampling = { temperature: 0, topK: 0, topP: 1, ignoreEos: true };

async function run(settings: Partial<SchedulerSettings>, plan: PlannedRequest[], maxConcurrent: number) {
  const clock = new VirtualClock(5_000);
  const engine = new SimulatedEngine({
    clock,
    slots: 32,
    contextSize: 1024,
    cost: { description: "a test's", stepMs: () => 10 },
  });
  const scheduler = await makeScheduler({ ...DEFAULT_SCHEDULER, ...settings }, engine.info, clock.nowMs());
  const signal = new AbortController().signal;
  const observer = new Collected();
  await simulate(scheduler, engine, plan, { clock, maxConcurrent, sampling, seed: 1, signal, observer });
  return observer.records;
}

function requests(count: number, atMs: (index: number) => number | undefined): PlannedRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    prompt: "one two",
    maxTokens: 4,
    atMs: atMs(index),
  }));
}

describe("a simulated run", () => {
  it("keeps a closed loop at its concurrency", async () => {
    const records = await run(
      { policy: "sequential" },
      requests(3, () => undefined),
      2,
    );
    // 4 tokens in 4 steps of 10 ms: the prompt's step samples the first.
    expect(records.map((record) => [record.dispatchedMs, record.startedMs, record.lastTokenMs])).toEqual([
      [0, 0, 40],
      [0, 40, 80],
      [40, 80, 120],
    ]);
    expect(records.map((record) => record.gapsMs)).toEqual([
      [10, 10, 10],
      [10, 10, 10],
      [10, 10, 10],
    ]);
  });

  it.each([
    ["fcfs", [1, 2, 3, 4]],
    ["priority", [1, 3, 2, 4]],
    ["edf", [1, 4, 3, 2]],
    ["fair", [1, 3, 4, 2]],
  ])("serves classes of requests as the order %s does", async (order, served) => {
    const classes = [
      { user: "ann", priority: 1, timeoutMs: 9_000 },
      { user: "ann", priority: 2, timeoutMs: 8_000 },
      { user: "bob", priority: 0, timeoutMs: 7_000 },
      { user: "cid", priority: 3, timeoutMs: 6_000 },
    ];
    const plan = requests(4, (index) => index).map((request, index) => ({ ...request, ...classes[index] }));
    const records = await run({ policy: "sequential", order }, plan, 4);
    const byStart = records.toSorted((a, b) => (a.startedMs ?? 0) - (b.startedMs ?? 0));
    expect(byStart.map(({ seq }) => seq)).toEqual(served);
    expect(records[1]).toMatchObject(classes[1]!);
  });

  it("lets an open loop send while the engine is busy", async () => {
    const records = await run(
      { policy: "sequential" },
      requests(3, (index) => index * 15),
      Number.POSITIVE_INFINITY,
    );
    expect(records.map((record) => record.dispatchedMs)).toEqual([0, 15, 30]);
    expect(records.map(queueMs)).toEqual([0, 25, 50]);
    expect(records.map(latencyMs)).toEqual([40, 65, 90]);
  });

  it("shows what a held-back open loop hides from E2E latency", async () => {
    const records = await run(
      { policy: "sequential" },
      requests(3, (index) => index * 15),
      1,
    );
    expect(records.map((record) => record.dispatchedMs)).toEqual([0, 40, 80]);
    expect(records.map(latencyMs)).toEqual([40, 40, 40]);
    expect(records.map(scheduledLatencyMs)).toEqual([40, 65, 90]);
  });

  it("delivers a batch at its end, and flushes the remainder that naive would keep", async () => {
    const records = await run(
      { policy: "naive" },
      requests(6, () => undefined),
      6,
    );
    expect(records.map((record) => [record.batch, record.batchSize])).toEqual([
      [1, 4],
      [1, 4],
      [1, 4],
      [1, 4],
      [2, 2],
      [2, 2],
    ]);
    for (const record of records) {
      expect(record.firstTokenMs).toBe(record.lastTokenMs);
      expect(record.status).toBe("ok");
      expect(record.outputTokens).toBe(4);
    }
  });

  it("counts a refusal as rejected", async () => {
    const records = await run(
      { policy: "sequential", maxNumQueuedReqs: 1 },
      requests(4, () => 0),
      9,
    );
    expect(records.map((record) => record.status)).toEqual(["ok", "rejected", "rejected", "rejected"]);
    expect(records[1]?.errorCode).toBe("queue_full");
  });

  it("names requests that nothing will ever start", async () => {
    // Batches of four can never fill when the client holds two back for good.
    await expect(
      run(
        { policy: "naive" },
        requests(6, () => undefined),
        2,
      ),
    ).rejects.toThrow(/nothing will ever start/);
  });

  it("ends when it is told to, and keeps what has ended", async () => {
    const clock = new VirtualClock();
    const engine = new SimulatedEngine({ clock, slots: 32, contextSize: 1024 });
    const scheduler = await makeScheduler({ ...DEFAULT_SCHEDULER, policy: "sequential" }, engine.info, 0);
    const interrupt = new AbortController();
    setImmediate(() => interrupt.abort());
    const observer = new Collected();
    await simulate(
      scheduler,
      engine,
      requests(100_000, () => undefined),
      {
        clock,
        maxConcurrent: 3,
        sampling,
        seed: 1,
        signal: interrupt.signal,
        observer,
      },
    );
    const { records } = observer;
    expect(records.length).toBeLessThan(100_000);
    expect(records.at(-1)?.status).toBe("cancelled");
    expect(records[0]?.status).toBe("ok");
  });
});
