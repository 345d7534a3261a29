import { pino } from "pino";
import { VirtualClock } from "../../src/clock.js";
import { type App, type AppParts, createApp } from "../../src/server/app.js";
import { DEFAULT_SERVER, type ServerSettings } from "../../src/server/settings.js";
import { FakeHost } from "./fake-host.js";

export interface Fixture extends App {
  readonly host: FakeHost;
  readonly clock: VirtualClock;
  /** What the server logged, a parsed line each. */
  readonly log: Record<string, unknown>[];
}

/** A server on a fake host, on the virtual clock, without a port. */
export function fixture(
  settings: Partial<ServerSettings> = {},
  host = new FakeHost(),
  parts: Partial<AppParts> = {},
): Fixture {
  const clock = new VirtualClock();
  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => log.push(JSON.parse(line)) });
  const app = createApp({
    host,
    settings: { ...DEFAULT_SERVER, ...settings },
    clock,
    logger,
    startedAtS: 1,
    idPrefix: "test",
    worker: 0,
    ...parts,
  });
  return { ...app, host, clock, log };
}

/** Posts a body and turns the fake engine until the answer is there. */
export async function post(app: Fixture, url: string, body: unknown, headers: Record<string, string> = {}) {
  const before = app.host.submitted.length;
  const answer = app.http.inject({ method: "POST", url, payload: body as object, headers });
  for (let turn = 0; turn < 50 && app.host.submitted.length === before; turn++) await nextTurn();
  app.host.run();
  return answer;
}

/** Lets everything that is ready on the event loop happen. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The JSON payloads of an SSE body, and whether it ended with [DONE]. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
export function frames(body: string): { data: any[]; done: boolean } {
  const payloads = body
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      if (!frame.startsWith("data: ")) throw new Error(`not a frame: ${frame}`);
      return frame.slice("data: ".length);
    });
  const done = payloads.at(-1) === "[DONE]";
  return { data: payloads.filter((payload) => payload !== "[DONE]").map((payload) => JSON.parse(payload)), done };
}
