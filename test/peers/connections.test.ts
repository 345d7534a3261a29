import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { Connections } from "../../benchmarks/peers/connections.js";

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const STREAMED = `${CHUNKED}${chunk("data: one\n\n")}${chunk("data: two\n\n")}0\r\n\r\n`;

let server: Server;
let connections: Connections;
let accepted = 0;

afterEach(() => {
  connections.close();
  server.close();
});

/** A server that does this with every request; requests are small enough to come in one piece. */
async function start(answer: (socket: Socket, request: string) => void, stallTimeoutMs?: number): Promise<void> {
  accepted = 0;
  server = createServer((socket) => {
    accepted++;
    socket.on("data", (data) => answer(socket, data.toString()));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  connections = new Connections(`http://127.0.0.1:${address.port}`, stallTimeoutMs);
}

async function post(body = "{}"): Promise<{ status: number; end: string; pieces: string[] }> {
  const pieces: string[] = [];
  const answer = await connections.post("/v1/completions", body, (piece) => pieces.push(piece.toString()));
  return { ...answer, pieces };
}

describe("the peers' load client", () => {
  it("sends a request with its length in bytes and keeps the connection", async () => {
    const requests: string[] = [];
    await start((socket, request) => {
      requests.push(request);
      socket.write(STREAMED);
    });
    for (const body of ["{}", '{"prompt":"ü"}']) expect(await post(body)).toMatchObject({ status: 200 });
    expect(accepted).toBe(1);
    expect(requests[1]).toMatch(
      /^POST \/v1\/completions HTTP\/1\.1\r\n[\s\S]*content-length: 15\r\n\r\n\{"prompt":"ü"\}$/,
    );
  });

  it("sees pieces as they come and the end however it is cut", async () => {
    await start(async (socket) => {
      for (const byte of STREAMED) {
        socket.write(byte);
        await nextTurn();
      }
    });
    const { end, pieces } = await post();
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join("")).toBe(STREAMED);
    expect(end.endsWith("data: two\n\n\r\n0\r\n\r\n")).toBe(true);
  });

  it("keeps no more of a long answer than its end", async () => {
    const long = chunk("x".repeat(100_000));
    await start((socket) => socket.write(`${CHUNKED}${long}${long}${chunk("data: last\n\n")}0\r\n\r\n`));
    const { end } = await post();
    expect(end.length).toBeLessThan(10_000);
    expect(end).toContain("data: last");
  });

  it("reads an answer with a length, such as an error", async () => {
    await start((socket) => socket.write("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"));
    expect(await post()).toMatchObject({ status: 503, end: expect.stringMatching(/busy$/) });
    await post();
    expect(accepted).toBe(1);
  });

  it("takes another connection when the server closed an idle one", async () => {
    await start((socket) => {
      socket.write(STREAMED);
      setTimeout(() => socket.destroy(), 20); // when the client keeps it as idle
    });
    await post();
    await sleep(100); // until the client has seen it close
    expect(await post()).toMatchObject({ status: 200 });
    expect(accepted).toBe(2);
  });

  it("takes another connection when the server closes one before it reads the request", async () => {
    let requests = 0;
    await start((socket) => {
      if (++requests === 2) socket.destroy();
      else socket.write(STREAMED);
    });
    await post();
    expect(await post()).toMatchObject({ status: 200 });
    expect(accepted).toBe(2);
  });

  it("fails when a server says nothing, and does not ask again", async () => {
    let requests = 0;
    await start((socket) => {
      if (++requests === 1) socket.write(STREAMED);
    }, 100);
    await post();
    await expect(post()).rejects.toThrow(/sent nothing for 0.1 s/);
    expect(requests).toBe(2);
  });

  it("fails when an answer breaks off, and when nobody listens", async () => {
    await start((socket) => socket.end(`${CHUNKED}${chunk("data: one\n\n")}`));
    await expect(post()).rejects.toThrow(/closed the connection before its answer was complete/);
    await new Promise((resolve) => server.close(resolve));
    await expect(post()).rejects.toThrow(/ECONNREFUSED/);
  });
});
