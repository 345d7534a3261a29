import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.js";
import { DEFAULT_SAMPLING } from "../../src/scheduler/request.js";
import type { Frame } from "../../src/server/monitor.js";
import { Monitor } from "../../src/server/monitor.js";
import { Traffic } from "../../src/server/traffic.js";
import { FakeHost } from "./fake-host.js";

function setup() {
  const host = new FakeHost();
  const clock = new VirtualClock();
  const monitor = new Monitor({ host, clock, worker: 0 });
  const traffic = new Traffic(host, [monitor]);
  const frames: Frame[] = [];
  const submit = (id: string, maxTokens = 3) => {
    const shared = { priority: 0, user: "", deadlineMs: Number.POSITIVE_INFINITY, sampling: DEFAULT_SAMPLING };
    traffic.submit({ id, promptTokens: [1, 2], maxTokens, ...shared }, "test", host.nowMs, () => undefined);
  };
  return { host, monitor, frames, submit };
}

describe("the dashboard's feed", () => {
  it("tells a request's life: waiting, running with its tokens, finished", async () => {
    const { host, monitor, frames, submit } = setup();
    monitor.watch((frame) => frames.push(frame));
    submit("a");
    await monitor.tick();
    host.step();
    await monitor.tick();
    host.run();
    await monitor.tick();
    await monitor.tick();
    // serial, slot, arrival, started, first, ended, tokens, state
    expect(frames.map(({ bars }) => bars)).toEqual([
      [[1, -1, 0, 0, 0, 0, 0, 0]],
      [[1, 0, 0, 10, 10, 0, 1, 1]],
      [[1, 0, 0, 10, 10, 30, 3, 2]],
      [],
    ]);
  });

  it("measures rates between two frames, and percentiles of what ended", async () => {
    const { host, monitor, frames, submit } = setup();
    monitor.watch((frame) => frames.push(frame));
    await monitor.tick();
    submit("a", 10);
    submit("b", 5);
    host.run();
    await monitor.tick();
    // 15 tokens and 2 requests in 100 ms; 5 batches of two and 5 of one in 4 slots.
    expect(frames[1]).toMatchObject({ tokensPerSec: 150, requestsPerSec: 20, batchFill: 0.375 });
    expect(frames[1]).toMatchObject({ ttftMs: [10, 10, 10], latencyMs: [75, 97.5, 99.5] });
    await monitor.tick();
    expect(frames[2]?.batchFill).toBeNull();
  });

  it("is bounded however much happens, and says what it left out", async () => {
    const { host, monitor, frames, submit } = setup();
    monitor.watch((frame) => frames.push(frame));
    for (let i = 0; i < 3000; i++) submit(`r${i}`, 1);
    await monitor.tick();
    expect(frames[0]!.bars).toHaveLength(400);
    expect(frames[0]!.skippedBars).toBe(2600);
    host.run();
    await monitor.tick();
    expect(monitor.backlog().bars.length).toBeLessThanOrEqual(1200);
  });

  it("makes no frames while nobody watches, and keeps what a newcomer needs", async () => {
    const { host, monitor, frames, submit } = setup();
    const stop = monitor.watch((frame) => frames.push(frame));
    stop();
    submit("a");
    host.run();
    await monitor.tick();
    expect(frames).toEqual([]);
    const backlog = monitor.backlog();
    expect(backlog.history).toHaveLength(1);
    expect(backlog.bars.map(([, , , , , , tokens, state]) => [tokens, state])).toEqual([[3, 2]]);
  });

  it("shows cancelled requests as such, whether they ran or waited", async () => {
    const { host, monitor, frames, submit } = setup();
    monitor.watch((frame) => frames.push(frame));
    submit("a");
    host.step();
    submit("b");
    host.cancel("a");
    host.cancel("b");
    await monitor.tick();
    expect(frames[0]!.bars.map(([, slot, , , , , , state]) => [slot, state])).toEqual([
      [0, 3],
      [-1, 3],
    ]);
  });
});
