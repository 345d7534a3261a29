import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RemoteClient } from "./client.js";
import { parseEndpoint } from "./endpoint.js";
import { type SseEvent, SseReader } from "./sse.js";
import type { Piece } from "./wire.js";

const REQUEST = {
  prompt: "Hi",
  maxTokens: 4,
  temperature: 0,
  topK: 0,
  topP: 1,
  seed: 1,
  ignoreEos: true,
  stream: true,
};
const never = new AbortController().signal;

let server: Server | undefined;
const clients: RemoteClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

type Handler = (body: Record<string, unknown>, response: ServerResponse, request: IncomingMessage) => void;

async function clientFor(path: string, handler: Handler, stallTimeoutMs = 5_000): Promise<RemoteClient> {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const text = Buffer.concat(pieces).toString();
      handler(text === "" ? {} : (JSON.parse(text) as Record<string, unknown>), response, request);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}${path}`, "--url");
  const client = new RemoteClient(endpoint, {
    apiKey: "secret",
    stallTimeoutMs,
    requestTimeoutMs: 60_000,
    model: undefined,
  });
  clients.push(client);
  return client;
}

async function send(client: RemoteClient): Promise<{ statuses: number[]; pieces: Piece[]; error: unknown }> {
  const statuses: number[] = [];
  const pieces: Piece[] = [];
  const listener = { status: (status: number) => statuses.push(status), piece: (piece: Piece) => pieces.push(piece) };
  const error = await client.send(REQUEST, listener, never).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { statuses, pieces, error };
}

function sse(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(text);
}

const dataOf = (events: readonly SseEvent[]) => events.map(({ data }) => data);

describe("the SSE reader", () => {
  const text = ': hello\r\ndata: {"a":"ü"}\r\n\r\nevent: x\ndata: two\ndata:lines\n\n\n\ndata: [DONE]\r\r';
  it("gives the same events however the bytes are cut", () => {
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new SseReader();
      const events: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        events.push(...dataOf(reader.push(bytes.subarray(at, at + size))));
      events.push(...dataOf(reader.end()));
      expect(events).toEqual(['{"a":"ü"}', "two\nlines", "[DONE]"]);
    }
  });

  it("keeps a last event that was not closed", () => {
    const reader = new SseReader();
    expect(reader.push(Buffer.from("data: last"))).toEqual([]);
    expect(dataOf(reader.end())).toEqual(["last"]);
  });
});

describe("endpoints", () => {
  it.each([
    ["localhost:8000", "completions", "http://localhost:8000/v1/completions", "http://localhost:8000/v1/models"],
    ["http://h/v1/", "completions", "http://h/v1/completions", "http://h/v1/models"],
    ["http://h/v1/completions", "completions", "http://h/v1/completions", "http://h/v1/models"],
    ["http://h/v1/chat/completions", "chat", "http://h/v1/chat/completions", "http://h/v1/models"],
    ["http://h/api/generate", "generate", "http://h/api/generate", "http://h/api/v1/models"],
    ["https://h/correct", "correct", "https://h/correct", "https://h/v1/models"],
  ])("reads %s", (text, api, url, modelsUrl) => {
    const endpoint = parseEndpoint(text, "--url");
    expect([endpoint.api, endpoint.url.href, endpoint.modelsUrl.href]).toEqual([api, url, modelsUrl]);
  });

  it("refuses what is no URL", () => {
    expect(() => parseEndpoint("ftp://h", "--url")).toThrow(/--url must be an http/);
  });
});

describe("the client", () => {
  it("streams completions with usage, asking for the model that the server lists", async () => {
    const bodies: Record<string, unknown>[] = [];
    const client = await clientFor("", (body, response, request) => {
      if (request.url === "/v1/models") return void response.end('{"data":[{"id":"tiny"}]}');
      bodies.push({ ...body, authorization: request.headers.authorization });
      sse(
        response,
        'data: {"choices":[{"text":"A"}]}\n\ndata: {"choices":[{"text":"B","finish_reason":"length"}]}\n\n' +
          'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":4}}\n\ndata: [DONE]\n\n',
      );
    });
    await client.ready(0, never);
    const { statuses, pieces, error } = await send(client);
    expect(error).toBeUndefined();
    expect(statuses).toEqual([200]);
    expect(pieces.map((piece) => piece.text)).toEqual(["A", "B", ""]);
    expect(pieces.at(-1)).toMatchObject({ promptTokens: 1, completionTokens: 4 });
    expect(bodies[0]).toMatchObject({
      model: "tiny",
      prompt: "Hi",
      max_tokens: 4,
      stream: true,
      stream_options: { include_usage: true },
      ignore_eos: true,
      authorization: "Bearer secret",
    });
  });

  it("speaks chat, /generate and /correct", async () => {
    const chat = await clientFor("/v1/chat/completions", (body, response) => {
      expect(body.messages).toEqual([{ role: "user", content: "Hi" }]);
      sse(response, 'data: {"choices":[{"delta":{"content":"A"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    expect((await send(chat)).pieces[0]).toMatchObject({ text: "A", finishReason: "stop" });
    await new Promise((resolve) => server?.close(resolve));
    const generate = await clientFor("/generate", (body, response) => {
      expect(body.max_new_tokens).toBe(4);
      sse(
        response,
        'data: {"text":"A"}\n\ndata: {"finish_reason":"length","prompt_tokens":1,"completion_tokens":4,"queue_s":0.25,"batch":3,"batch_size":8}\n\n',
      );
    });
    expect((await send(generate)).pieces[1]).toMatchObject({
      queueMs: 250,
      batch: 3,
      batchSize: 8,
      completionTokens: 4,
    });
    await new Promise((resolve) => server?.close(resolve));
    const correct = await clientFor("/correct", (body, response) => {
      expect(body).toEqual({ sentence: "Hi" });
      response.setHeader("content-type", "application/json");
      response.end('{"corrected":"Hi!","changed":true}');
    });
    expect((await send(correct)).pieces[0]).toMatchObject({ text: "Hi!" });
  });

  it("leaves fields out that a server refuses", async () => {
    const seen: unknown[] = [];
    const client = await clientFor("/v1/completions", (body, response) => {
      seen.push(body.top_k);
      if (body.top_k !== undefined) {
        response.statusCode = 400;
        response.end('{"error":{"message":"Unrecognized request argument supplied: top_k"}}');
      } else sse(response, 'data: {"choices":[{"text":"A","finish_reason":"stop"}]}\n\n');
    });
    expect((await send(client)).statuses).toEqual([200]);
    await send(client);
    expect(seen).toEqual([0, undefined, undefined]);
  });

  it("uses its connection again", async () => {
    const ports = new Set<number | undefined>();
    const client = await clientFor("", (_, response, request) => {
      ports.add(request.socket.remotePort);
      sse(response, "data: [DONE]\n\n");
    });
    for (let i = 0; i < 3; i++) await send(client);
    expect(ports.size).toBe(1);
  });

  it.each([
    [503, "queue_full"],
    [429, "queue_full"],
    [500, "target_failed"],
    [404, "target_failed"],
  ])("reports HTTP %i as %s, never as a success", async (status, code) => {
    const client = await clientFor("", (_, response) => {
      response.writeHead(status, { "retry-after": "7" });
      response.end('{"error":{"message":"no room"}}');
    });
    const { statuses, pieces, error } = await send(client);
    expect(statuses).toEqual([status]);
    expect(pieces).toEqual([]);
    expect(error).toMatchObject({
      code,
      retryAfterS: 7,
      message: expect.stringContaining(`answered ${status}: no room`),
    });
  });

  it.each([
    [
      "an error event",
      'data: {"choices":[{"text":"A"}]}\n\ndata: {"error":{"message":"out of memory"}}\n\n',
      /broke off: out of memory/,
    ],
    ["an early end", 'data: {"choices":[{"text":"A"}]}\n\n', /ended its stream in the middle/],
    ["no JSON", "data: <html>\n\n", /is no JSON/],
  ])("fails on %s in mid-stream", async (_, text, message) => {
    const client = await clientFor("", (_, response) => sse(response, text));
    const { error } = await send(client);
    expect(error).toMatchObject({ code: "target_failed", message: expect.stringMatching(message) });
  });

  it("gives up on a server that stalls, and on one that hangs up", async () => {
    const stalls = await clientFor(
      "",
      (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write('data: {"choices":[{"text":"A"}]}\n\n');
      },
      50,
    );
    expect((await send(stalls)).error).toMatchObject({ message: expect.stringMatching(/sent nothing for 0.05 s/) });
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    const hangsUp = await clientFor("", (_, response) => response.destroy());
    expect((await send(hangsUp)).error).toMatchObject({ code: "target_failed" });
  });

  it("says where nothing listens", async () => {
    const client = await clientFor("", () => {});
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    await expect(client.ready(0, never)).rejects.toThrow(/nothing listens at http:\/\/127\.0\.0\.1:\d+/);
    expect((await send(client)).error).toMatchObject({ code: "target_unreachable" });
  });

  it("can be cancelled in mid-stream", async () => {
    const controller = new AbortController();
    const client = await clientFor("", (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"text":"A"}]}\n\n');
    });
    const listener = { status: () => {}, piece: () => controller.abort() };
    await expect(client.send(REQUEST, listener, controller.signal)).rejects.toMatchObject({ code: "cancelled" });
  });
});
