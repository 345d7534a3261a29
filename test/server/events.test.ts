import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type Fixture, fixture } from "./fixture.js";

let app: Fixture;

afterEach(async () => {
  await app.http.close();
});

async function listen(): Promise<string> {
  app = fixture();
  await app.http.listen({ host: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`;
}

it("greets a viewer with the backlog, sends frames, and lets the server close although it is still open", async () => {
  const url = await listen();
  const response = await fetch(`${url}/events`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => JSON.parse((await reader.read()).value!.replace(/^data: /, ""));
  expect(await read()).toMatchObject({ type: "hello", model: "fake", info: { slots: 4 }, history: [], bars: [] });
  await app.context.monitor.tick();
  expect(await read()).toMatchObject({ type: "frame", waiting: 0, running: 0, bars: [] });
  await app.http.close();
  expect((await reader.read()).done).toBe(true);
});

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
