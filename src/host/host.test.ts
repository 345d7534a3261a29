import { afterEach, describe, expect, it } from "vitest";
import type { SchedulerEvent } from "../scheduler/events.js";
import { DEFAULT_SCHEDULER, type SchedulerSettings } from "../scheduler/settings.js";
import type { EngineHost } from "./client.js";
import { makeRequest } from "./request.js";
import { DEFAULT_ENGINE } from "./settings.js";
import { startEngineHost } from "./start.js";

const LOAD = { ...DEFAULT_ENGINE, model: "mock", modelPath: undefined, slots: 4 };
const SCHEDULER: SchedulerSettings = { ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: 4 } };

let host: EngineHost | undefined;

afterEach(async () => {
  await host?.close();
  host = undefined;
});

async function start(settings = SCHEDULER): Promise<EngineHost> {
  host = await startEngineHost(LOAD, settings);
  return host;
}

/** Submits and resolves with all events of the request. */
function run(on: EngineHost, id: string, maxTokens = 3): Promise<SchedulerEvent[]> {
  const events: SchedulerEvent[] = [];
  return new Promise((resolve) => {
    on.submit(makeRequest(id, [11, 12], { maxTokens }, 0), (event) => {
      events.push(event);
      if (event.type === "finished" || event.type === "failed") resolve(events);
    });
  });
}

const kinds = (events: SchedulerEvent[]) => events.map(({ type }) => type);

describe("the engine host", () => {
  it("runs requests in its thread and tells of every step", async () => {
    const events = await run(await start(), "a");
    expect(kinds(events)).toEqual(["started", "tokens", "tokens", "tokens", "finished"]);
    expect(host!.waiting).toBe(0);
    const { counters } = await host!.stats();
    expect(counters).toMatchObject({ submitted: 1, finished: 1, generatedTokens: 3 });
  });

  it("cancels a request that runs", async () => {
    const on = await start();
    const ended = run(on, "long", 500);
    on.cancel("long");
    expect((await ended).at(-1)).toMatchObject({ type: "failed", error: { code: "cancelled" } });
  });

  it("refuses an id that is there already", async () => {
    const on = await start();
    const first = run(on, "same");
    expect((await run(on, "same")).at(-1)).toMatchObject({ error: { code: "invalid_request", field: "id" } });
    expect((await first).at(-1)).toMatchObject({ type: "finished" });
  });

  it("changes the scheduler only while nothing runs", async () => {
    const on = await start();
    const running = run(on, "a", 5);
    await expect(on.configure({ ...SCHEDULER, policy: "sequential", policyOptions: {} })).rejects.toThrow(
      "while it has requests",
    );
    await running;
    await on.configure({ ...SCHEDULER, policy: "naive", policyOptions: { batchSize: 2 } });
    const both = await Promise.all([run(on, "b", 1), run(on, "c", 3)]);
    expect(both.map(kinds)).toEqual([
      ["started", "tokens", "finished"],
      ["started", "tokens", "finished"],
    ]);
  });

  it("says why settings are wrong and keeps its scheduler", async () => {
    const on = await start();
    await expect(on.configure({ ...SCHEDULER, policy: "contnuous" })).rejects.toThrow('did you mean "continuous"?');
    await expect(on.configure({ ...SCHEDULER, policyOptions: { maxNumSeqs: 99 } })).rejects.toThrow("has 4 slots");
    expect(kinds(await run(on, "a", 1))).toEqual(["started", "tokens", "finished"]);
  });

  it("flushes what a policy would let wait", async () => {
    const on = await start({ ...SCHEDULER, policy: "naive", policyOptions: { batchSize: 2 } });
    const waiting = run(on, "alone", 1);
    on.flush();
    expect((await waiting).at(-1)).toMatchObject({ type: "finished" });
  });

  it("drains: takes no more, finishes what it has", async () => {
    const on = await start();
    const running = run(on, "a", 4);
    const drained = on.drain();
    expect((await run(on, "late")).at(-1)).toMatchObject({ error: { code: "shutting_down" } });
    await drained;
    expect((await running).at(-1)).toMatchObject({ type: "finished" });
  });

  it("fails what is open when it closes, and everything afterwards", async () => {
    const on = await start();
    const running = run(on, "a", 500);
    await on.close();
    expect((await running).at(-1)).toMatchObject({ type: "failed", error: { code: "shutting_down" } });
    expect((await run(on, "b")).at(-1)).toMatchObject({ type: "failed", error: { code: "shutting_down" } });
    await expect(on.stats()).rejects.toMatchObject({ code: "shutting_down" });
  });

  it("does not touch the model once it was told to close", async () => {
    const on = await start();
    const closed = on.close();
    expect(() => on.tokenize("late", true)).toThrowError(/was closed/);
    expect(() => on.detokenize([1])).toThrowError(/was closed/);
    expect((await run(on, "late")).at(-1)).toMatchObject({ error: { code: "shutting_down" } });
    await closed;
  });

  it("refuses a grammar before it reaches an engine that cannot follow it", async () => {
    const on = await start();
    const refused = new Promise((resolve) => {
      on.submit(makeRequest("g", [1], { grammar: 'root ::= "a"' }, 0), resolve);
    });
    expect(await refused).toMatchObject({ type: "failed", error: { code: "unsupported_field", field: "grammar" } });
    expect((await on.stats()).counters.submitted).toBe(0);
  });

  it("says why it cannot start", async () => {
    await expect(startEngineHost(LOAD, { ...SCHEDULER, order: "fifo" })).rejects.toMatchObject({ code: "usage" });
  });
});
