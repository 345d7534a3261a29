/** Many requests on one connection, sent without waiting for the answers. */
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type LiveServer, liveServer, until } from "./live.js";

let server: LiveServer;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await liveServer();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await server.drain();
});

function post(body: object, version = "1.1"): string {
  const text = JSON.stringify({ prompt: "more", ignore_eos: true, ...body });
  const head = `POST /v1/completions HTTP/${version}\r\nhost: x\r\ncontent-type: application/json`;
  return `${head}\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

function open(text: string): { socket: Socket; received(): string } {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let received = "";
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    received += data;
  });
  socket.write(text);
  return { socket, received: () => received };
}

const submitted = async () => (await server.host.stats()).counters.submitted;
const quiet = async () => {
  const { running, waiting } = await server.host.stats();
  return running + waiting === 0 && server.app.context.traffic.inFlight === 0;
};

it("answers all of them, in their order", async () => {
  const bodies = Array.from({ length: 8 }, (_, i) => post({ max_tokens: i + 1 }));
  const { received } = open(bodies.join(""));
  await until(() => received().split('"completion_tokens":').length === 9);
  const counts = [...received().matchAll(/"completion_tokens":(\d+)/g)].map(([, count]) => Number(count));
  expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it.each([
  ["streams", { stream: true }],
  ["answers in one piece", { stream: false }],
  ["several answers each", { n: 3 }],
])("starts none of those that waited when the client leaves: %s", async (_what, body) => {
  const before = await submitted();
  const { socket } = open(post({ max_tokens: 900, ...body }).repeat(30));
  await until(async () => (await submitted()) > before);
  socket.destroy();
  await until(quiet);
  // The one that ran, with all its answers.
  expect((await submitted()) - before).toBe("n" in body ? body.n : 1);
});

it("starts the next when one has ended, and cancels it when the client leaves", async () => {
  const before = await submitted();
  const { socket } = open(post({ max_tokens: 2 }).repeat(2) + post({ max_tokens: 900 }).repeat(10));
  await until(async () => (await submitted()) - before === 3);
  socket.destroy();
  await until(quiet);
  expect((await submitted()) - before).toBe(3);
});

it("cuts off a client that sends too far ahead", async () => {
  const before = await submitted();
  const { socket } = open(post({ max_tokens: 900 }).repeat(100));
  await until(() => socket.destroyed);
  await until(quiet);
  expect((await submitted()) - before).toBeLessThanOrEqual(1);
});

it("does not start a request whose client leaves while it sends the body", async () => {
  const before = await submitted();
  const { socket } = open(post({ max_tokens: 900 }).slice(0, -10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  await until(quiet);
  expect(await submitted()).toBe(before);
});

it("takes a client that shuts its side for one that has left, as vLLM's server does", async () => {
  const before = await submitted();
  const { socket } = open(post({ max_tokens: 900 }));
  await until(async () => (await submitted()) > before);
  socket.end();
  await until(quiet);
  expect(server.app.context.traffic.inFlight).toBe(0);
});

it("answers HTTP/1.0, streams too, and closes", async () => {
  for (const stream of [false, true]) {
    const { socket, received } = open(post({ max_tokens: 3, stream }, "1.0"));
    await until(() => socket.destroyed);
    expect(received()).toContain(stream ? "data: [DONE]" : '"completion_tokens":3');
    expect(received()).not.toContain("transfer-encoding");
  }
});
