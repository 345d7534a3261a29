import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { AppParts } from "../../src/server/app.js";
import type { Backlog, Frame } from "../../src/server/monitor.js";
import { type Fixture, fixture, frames } from "./fixture.js";

let app: Fixture;

afterEach(async () => {
  await app.http.close();
});

async function listen(parts: Partial<AppParts> = {}): Promise<string> {
  app = fixture({}, undefined, parts);
  await app.http.listen({ host: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`;
}

it("greets a viewer with the backlog, sends frames, and lets the server close although it is still open", async () => {
  const url = await listen();
  const response = await fetch(`${url}/events`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => JSON.parse((await reader.read()).value!.replace(/^data: /, ""));
  expect(await read()).toMatchObject({
    type: "hello",
    model: "fake",
    info: { slots: 4 },
    backlogs: [{ worker: 0, history: [], bars: [] }],
  });
  await app.context.monitor.tick();
  expect(await read()).toMatchObject({ type: "frame", waiting: 0, running: 0, bars: [] });
  await app.http.close();
  expect((await reader.read()).done).toBe(true);
});

it("keeps the frames that come in before the backlogs do, but for those that these contain", async () => {
  let arrive: (backlogs: Backlog[]) => void = () => undefined;
  const backlogs = new Promise<Backlog[]>((resolve) => {
    arrive = resolve;
  });
  const url = await listen({ backlogs: () => backlogs });
  const { monitor } = app.context;
  const frame = await newFrame();
  const response = await fetch(`${url}/events`);
  for (const nowMs of [10, 20]) for (const worker of [0, 1]) monitor.relay({ ...frame, worker, nowMs });
  arrive([{ worker: 1, history: [{ ...frame, nowMs: 10 }], bars: [] }]);
  monitor.relay({ ...frame, worker: 1, nowMs: 30 });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"nowMs":30')) {
    const { value, done } = await reader.read();
    expect(done).toBe(false);
    text += value;
  }
  const [hello, ...rest] = frames(text).data;
  expect(hello.backlogs).toHaveLength(1);
  expect(rest.map(({ worker, nowMs }) => [worker, nowMs])).toEqual([
    [0, 10],
    [0, 20],
    [1, 20],
    [1, 30],
  ]);
});

/** A frame as this server makes it. */
function newFrame(): Promise<Frame> {
  return new Promise((resolve) => {
    const stop = app.context.monitor.watch(resolve);
    void app.context.monitor.tick().then(stop);
  });
}

it("turns away the seventeenth viewer, and takes another when one leaves", async () => {
  const url = await listen();
  const aborts = Array.from({ length: 16 }, () => new AbortController());
  await Promise.all(aborts.map(({ signal }) => fetch(`${url}/events`, { signal })));
  const refused = await fetch(`${url}/events`);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
  aborts[0]!.abort();
  await expect.poll(() => app.context.monitor.viewers, { timeout: 20_000 }).toBe(15);
  expect((await fetch(`${url}/events`)).status).toBe(200);
});
