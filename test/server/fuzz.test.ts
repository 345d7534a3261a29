/** Whatever comes in over HTTP, the server answers it in good form, lives on, and enqueues nothing that is invalid. */
import net from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENDPOINTS } from "../../src/server/endpoints/registry.js";
import { openai } from "../../src/server/schemas.js";
import { type Fixture, fixture, nextTurn } from "./fixture.js";

const posts = ENDPOINTS.filter(({ method }) => method === "POST");

/** Values that stand for a field: right ones, wrong ones and hostile ones. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1, 2, 0, -1, 0.5, 1e308, null, true, "", "a", [], {}, [1], ["a"], [[1]]) },
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ maxLength: 300, unit: "binary" }),
  fc.constantFrom("\u0000", "\ud800", "<|endoftext|>", "x".repeat(5000), [{ role: "user", content: "hi" }]),
);

/** Bodies that are nearly right: known fields with any values, on top of what makes a body valid. */
function bodyFor(path: string): fc.Arbitrary<unknown> {
  const base = {
    "/v1/completions": { prompt: "ab" },
    "/v1/chat/completions": { messages: [{ role: "user", content: "hi" }] },
    "/generate": { prompt: "ab" },
    "/correct": { sentence: "he go" },
    "/tokenize": { prompt: "ab" },
    "/detokenize": { tokens: [97] },
  }[path];
  const names = [
    ...Object.keys(openai),
    "prompt",
    "max_tokens",
    "logprobs",
    "echo",
    "messages",
    "sentence",
    "tokens",
    "nonsense",
    "__proto__",
  ];
  const fields = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 });
  return fc.oneof(
    { weight: 4, arbitrary: fields.map((given) => ({ ...base, ...given })) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

async function send(app: Fixture, path: string, payload: string) {
  const answer = app.http.inject({
    method: "POST",
    url: path,
    payload,
    headers: { "content-type": "application/json" },
  });
  let done = false;
  void answer.then(() => {
    done = true;
  });
  while (!done) {
    app.host.step();
    await nextTurn();
  }
  return answer;
}

describe("any JSON body", () => {
  it.each(posts.map(({ path }) => path))("%s answers in good form", async (path) => {
    const app = fixture();
    await fc.assert(
      fc.asyncProperty(bodyFor(path), async (body) => {
        const before = app.host.submitted.length;
        const answer = await send(app, path, JSON.stringify(body) ?? "null");
        const enqueued = app.host.submitted.length - before;
        expect([200, 400, 404, 413]).toContain(answer.statusCode);
        if (answer.statusCode === 200) return;
        expect(enqueued).toBe(0);
        expect(answer.json().error).toMatchObject({ message: expect.any(String), type: "invalid_request_error" });
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(app.context.traffic.inFlight).toBe(0);
  });

  it("text that is not JSON is refused", async () => {
    const app = fixture();
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200, unit: "binary" }), async (text) => {
        const answer = await app.http.inject({
          method: "POST",
          url: "/v1/completions",
          payload: text,
          headers: { "content-type": "application/json" },
        });
        expect(answer.statusCode).toBe(400);
      }),
      { numRuns: 200, seed: 2 },
    );
    expect(app.host.submitted).toEqual([]);
  });
});

describe("raw bytes on the socket", () => {
  let app: Fixture;
  let port: number;

  beforeAll(async () => {
    app = fixture();
    await app.http.listen({ host: "127.0.0.1", port: 0 });
    port = (app.http.server.address() as net.AddressInfo).port;
  });

  afterAll(async () => {
    await app.http.close();
  });

  /** Sends bytes, ends, and returns what came back. */
  function exchange(bytes: Uint8Array): Promise<string> {
    return new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => socket.end(bytes));
      let text = "";
      socket.on("data", (data) => {
        text += data.toString("latin1");
      });
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(text));
    });
  }

  it("never stop the server, and never reach the queue", async () => {
    const line = fc.constantFrom("POST /v1/completions HTTP/1.1\r\n", "GET / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n", "");
    const header = fc.constantFrom(
      "host: a\r\n",
      "content-length: 5\r\n",
      "transfer-encoding: chunked\r\n",
      "x:\r\n",
      "\r\n",
    );
    const bytes = fc
      .tuple(line, fc.array(header, { maxLength: 4 }), fc.uint8Array({ maxLength: 200 }))
      .map(([first, headers, tail]) => Buffer.concat([Buffer.from(first + headers.join("")), tail]));
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const text = await exchange(sent);
        if (text !== "") expect(text).toMatch(/^HTTP\/1\.1 (200|4\d\d) /);
      }),
      { numRuns: 200, seed: 3 },
    );
    expect(app.host.submitted).toEqual([]);
    expect((await app.http.inject("/ready")).statusCode).toBe(200);
    expect(app.log.filter((entry) => Number(entry.level) >= 50)).toEqual([]);
  });
});
