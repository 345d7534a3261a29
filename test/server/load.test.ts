/** A small mob against a real server; `npm run soak` is the large one. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { runMob } from "../../benchmarks/soak-load.js";
import { SystemClock } from "../../src/clock.js";
import type { SchedulerEvent } from "../../src/scheduler/events.js";
import { type LiveServer, liveServer, until } from "./live.js";

let server: LiveServer;
const clock = new SystemClock();
/** Per cancelled request: when, on the engine's clock, and how many steps gave it tokens after that. */
const cancelled = new Map<string, { readonly nowMs: number; steps: number }>();
let mostWaiting = 0;
const QUEUE_BOUND = 6;

beforeAll(async () => {
  server = await liveServer({ maxNumQueuedReqs: QUEUE_BOUND });
  watch(server);
});

afterAll(async () => {
  await server.drain();
});

function watch({ host }: LiveServer): void {
  const { submit, cancel } = host;
  host.submit = (request, listener) => {
    submit.call(host, request, (event: SchedulerEvent) => {
      const since = cancelled.get(event.id);
      if (since !== undefined && event.type === "tokens" && event.nowMs > since.nowMs) since.steps += 1;
      listener(event);
    });
    mostWaiting = Math.max(mostWaiting, host.waiting);
  };
  host.cancel = (id) => {
    cancelled.set(id, { nowMs: clock.nowMs(), steps: 0 });
    cancel.call(host, id);
  };
}

it("holds under load with clients that hang up and clients that send nonsense", async () => {
  const report = await runMob({
    url: server.url,
    clients: 32,
    requests: 160,
    seed: 1,
    maxTokens: 12,
    disconnectShare: 0.1,
    invalidShare: 0.05,
  });
  expect(report.faults).toEqual([]);
  expect(report.valid + report.disconnected + report.invalid).toBe(160);
  expect(report.disconnected).toBeGreaterThan(10);
  expect(report.invalid).toBeGreaterThan(4);

  // Every slot is free again, and nobody is forgotten.
  await until(async () => (await server.host.stats()).running === 0);
  expect(server.app.context.traffic.inFlight).toBe(0);
  expect(server.host.waiting).toBe(0);

  // The bound held, and a cancelled request got at most the step that was under way.
  expect(mostWaiting).toBeLessThanOrEqual(QUEUE_BOUND);
  expect(report.refused).toBeGreaterThan(0);
  expect(Math.max(...[...cancelled.values()].map(({ steps }) => steps))).toBeLessThanOrEqual(1);
  expect(server.log.filter(({ level }) => level >= 50)).toEqual([]);
}, 180_000);
