/** A burst of requests, and long prompts: the event loop goes round between them. */
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "./fake-host.js";
import { fixture, nextTurn } from "./fixture.js";
import { type LiveServer, liveServer } from "./live.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it("a burst is read in slices, between which probes are answered", async () => {
  const host = new FakeHost();
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const { tokenize } = host;
  vi.spyOn(host, "tokenize").mockImplementation((text, special) => {
    nowMs += 5;
    return tokenize.call(host, text, special);
  });
  const app = fixture({}, host);
  await app.http.ready();
  const answers = Array.from({ length: 60 }, () =>
    app.http.inject({ method: "POST", url: "/v1/completions", payload: { prompt: "more", max_tokens: 1 } }),
  );
  let probed = 0;
  while (host.submitted.length < 60) {
    expect((await app.http.inject({ method: "GET", url: "/ready" })).statusCode).toBe(200);
    probed += 1;
    await nextTurn();
  }
  expect(probed).toBeGreaterThan(5);
  host.run();
  for (const answer of await Promise.all(answers)) expect(answer.statusCode).toBe(200);
});

it("long prompts are tokenized elsewhere, also where many short ones are long together", async () => {
  const host = new FakeHost({ contextSize: 100_000 });
  const here = vi.spyOn(host, "tokenize");
  const app = fixture({}, host);
  const long = "a".repeat(9000);
  for (const prompt of [long, Array.from({ length: 20 }, () => long.slice(0, 500))]) {
    const before = host.submitted.length;
    const answer = app.http.inject({ method: "POST", url: "/v1/completions", payload: { prompt, max_tokens: 1 } });
    const count = typeof prompt === "string" ? 1 : prompt.length;
    while (host.submitted.length < before + count) await nextTurn();
    host.run();
    expect((await answer).statusCode).toBe(200);
  }
  expect(here).not.toHaveBeenCalled();
});

it("a client that leaves while its prompt is tokenized starts nothing", async () => {
  const host = new FakeHost({ contextSize: 100_000 });
  let tokenized: (tokens: number[]) => void = () => undefined;
  vi.spyOn(host, "tokenizeAside").mockImplementation(() => new Promise((resolve) => (tokenized = resolve)));
  const app = fixture({}, host);
  const url = await app.http.listen({ port: 0 });
  const left = new Promise((resolve) => app.http.server.once("connection", (socket) => socket.once("close", resolve)));
  const body = JSON.stringify({ prompt: "a".repeat(9000) });
  const client = connect(Number(new URL(url).port));
  client.write(`POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`);
  client.write(`content-length: ${body.length}\r\n\r\n${body}`);
  await expect.poll(() => vi.mocked(host.tokenizeAside).mock.calls.length).toBe(1);
  client.destroy();
  await left;
  tokenized([97]);
  await nextTurn();
  await nextTurn();
  expect(host.submitted).toEqual([]);
  await app.http.close();
});

describe("with a real vocabulary", () => {
  let server: LiveServer | undefined;
  afterEach(async () => {
    await server?.drain();
  });

  it("the same tokens come from elsewhere, and closing waits for them", async () => {
    server = await liveServer();
    const texts = ["", "one", "more <|endoftext|> and é 🙂 ".repeat(5000)];
    for (const text of texts) {
      expect(await server.host.tokenizeAside(text, true)).toEqual(server.host.tokenize(text, true));
    }
    const [inTime, late] = [server.host.tokenizeAside(texts[2]!, true), server.host.tokenizeAside(texts[2]!, true)];
    await nextTurn();
    const closed = server.drain();
    expect((await inTime).length).toBeGreaterThan(5000);
    await expect(late).rejects.toMatchObject({ code: "shutting_down" });
    await closed;
  });
});
