import { spawn, spawnSync } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { Connections } from "./connections.js";

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const STREAMED = `${CHUNKED}${chunk("data: one\n\n")}${chunk("data: two\n\n")}0\r\n\r\n`;
const REQUEST = "POST / HTTP/1.1\r\n\r\n";

let server: Server;
let connections: Connections;
let accepted = 0;

afterEach(() => {
  connections.close();
  server.close();
});

type Answer = (socket: Socket, request: string) => void;

/** A server that does this with every request; requests are small enough to come in one piece. */
async function start(answer: Answer, stallTimeoutMs = 10_000, secure?: { key: string; cert: string }): Promise<void> {
  accepted = 0;
  const accept = (socket: Socket): void => {
    accepted++;
    socket.on("data", (data) => answer(socket, data.toString()));
    socket.on("error", () => {});
  };
  server = secure ? createTlsServer(secure, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const origin = new URL(`${secure ? "https" : "http"}://127.0.0.1:${address.port}`);
  connections = new Connections(origin, { stallTimeoutMs, requestTimeoutMs: 10_000 });
}

async function exchange(): Promise<{ status: number; pieces: string[] }> {
  let status = 0;
  const pieces: string[] = [];
  await connections.exchange(REQUEST, {
    head: (head) => {
      status = head.status;
    },
    body: (piece) => {
      pieces.push(piece.toString());
      return false;
    },
  });
  return { status, pieces };
}

/** A certificate for the loopback address that signs itself; undefined where there is no openssl. */
function certificate(): { key: string; cert: string } | undefined {
  const words = "req -x509 -newkey rsa:2048 -nodes -keyout - -out - -days 1 -subj /CN=localhost";
  const { status, stdout } = spawnSync("openssl", [...words.split(" "), "-addext", "subjectAltName=IP:127.0.0.1"], {
    encoding: "utf8",
  });
  const key = /-----BEGIN PRIVATE KEY[\s\S]*END PRIVATE KEY-----\n/.exec(stdout)?.[0];
  const cert = /-----BEGIN CERTIFICATE[\s\S]*END CERTIFICATE-----\n/.exec(stdout)?.[0];
  return status === 0 && key && cert ? { key, cert } : undefined;
}

describe("connections", () => {
  it("are kept for the next request", async () => {
    const requests: string[] = [];
    await start((socket, request) => {
      requests.push(request);
      socket.write(STREAMED);
    });
    for (let i = 0; i < 3; i++) expect(await exchange()).toMatchObject({ status: 200 });
    expect(accepted).toBe(1);
    expect(requests).toEqual([REQUEST, REQUEST, REQUEST]);
  });

  it("see the body as it comes, however it is cut", async () => {
    await start(async (socket) => {
      for (const byte of STREAMED) {
        socket.write(byte);
        await nextTurn();
      }
    });
    const { pieces } = await exchange();
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join("")).toBe("data: one\n\ndata: two\n\n");
    await exchange();
    expect(accepted).toBe(1);
  });

  it("read an answer with a length, such as an error", async () => {
    await start((socket) => socket.write("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"));
    expect(await exchange()).toEqual({ status: 503, pieces: ["busy"] });
    await exchange();
    expect(accepted).toBe(1);
  });

  it("are not kept behind an answer with something after its end", async () => {
    await start((socket) => socket.write(`${STREAMED}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`));
    for (let i = 0; i < 2; i++) expect((await exchange()).pieces.join("")).toBe("data: one\n\ndata: two\n\n");
    expect(accepted).toBe(2);
  });

  it("are not kept when the server says so", async () => {
    await start((socket) => socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"));
    for (let i = 0; i < 2; i++) await exchange();
    expect(accepted).toBe(2);
  });

  it("give way to another when the server closed an idle one", async () => {
    await start((socket) => {
      socket.write(STREAMED);
      setTimeout(() => socket.destroy(), 20); // when the client keeps it as idle
    });
    await exchange();
    await sleep(100); // until the client has seen it close
    expect(await exchange()).toMatchObject({ status: 200 });
    expect(accepted).toBe(2);
  });

  it("give way to another when the server closes one before it reads the request", async () => {
    let requests = 0;
    await start((socket) => {
      if (++requests === 2) socket.destroy();
      else socket.write(STREAMED);
    });
    await exchange();
    expect(await exchange()).toMatchObject({ status: 200 });
    expect(accepted).toBe(2);
  });

  it("fail when a server says nothing, and do not ask again", async () => {
    let requests = 0;
    await start((socket) => {
      if (++requests === 1) socket.write(STREAMED);
    }, 100);
    await exchange();
    await expect(exchange()).rejects.toThrow(/sent nothing for 0.1 s/);
    expect(requests).toBe(2);
  });

  it("fail when an answer breaks off, and when nobody listens", async () => {
    await start((socket) => socket.end(`${CHUNKED}${chunk("data: one\n\n")}`));
    await expect(exchange()).rejects.toThrow(/closed the connection before its answer was complete/);
    await new Promise((resolve) => server.close(resolve));
    await expect(exchange()).rejects.toMatchObject({
      code: "target_unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("speak TLS, and trust nobody unknown", async ({ skip }) => {
    const own = certificate();
    if (!own) return skip("no openssl to make a certificate with");
    await start((socket) => socket.write(STREAMED), 10_000, own);
    await expect(exchange()).rejects.toMatchObject({
      code: "target_failed",
      message: expect.stringMatching(/self-signed certificate/),
    });
    connections.close();
    const trusting = `
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      const { Connections } = await import(${JSON.stringify(new URL("../../dist/client/connections.js", import.meta.url).href)});
      const connections = new Connections(new URL(${JSON.stringify(connections.origin.href)}), { stallTimeoutMs: 5000, requestTimeoutMs: 5000 });
      let text = "";
      const listener = { head() {}, body(piece) { text += piece; return false; } };
      for (let i = 0; i < 2; i++) await connections.exchange(${JSON.stringify(REQUEST)}, listener);
      connections.close();
      process.stdout.write(JSON.stringify(text));`;
    const before = accepted;
    const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", trusting]);
    let said = "";
    child.stdout.on("data", (data) => {
      said += data;
    });
    await new Promise((resolve) => child.once("close", resolve));
    expect(JSON.parse(said)).toBe("data: one\n\ndata: two\n\n".repeat(2));
    expect(accepted - before).toBe(1);
  });
});
