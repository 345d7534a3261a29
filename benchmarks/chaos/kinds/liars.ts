import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kind, newTally } from "../kind.js";
import { MAIN } from "../server.js";

/** Servers that answer what no honest one would: a load test of one must end, and must not call it well. */
export const liars: Kind = {
  name: "servers that lie",
  async run(size) {
    const tally = newTally();
    const lies = Object.entries(LIES);
    for (const [name, lie] of size < 1 ? lies.slice(0, 3) : lies) {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined).once("data", () => lie(socket));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/completions`;
      const flags = ["--url", url, "--total", "3", "--concurrency", "1", "--quiet", "--request-timeout", "5"];
      const status = await statusOf(["loadtest", ...flags]);
      tally.sent++;
      if (status === "hung") tally.hung++;
      else if (status !== 0) tally.refused++;
      else {
        tally.wrong++;
        tally.notes.push(`${name}: the load test ended with 0`);
      }
      for (const socket of sockets) socket.destroy();
      server.close();
    }
    return tally;
  },
};

async function statusOf(words: string[]): Promise<number | "hung"> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-chaos-"));
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: "ignore", cwd: folder });
  const timer = setTimeout(() => child.kill("SIGKILL"), 90_000);
  const [status] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  rmSync(folder, { recursive: true });
  return status ?? "hung";
}

const answer = (body: string, status = "200 OK", type = "application/json") =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

function forEver(head: string, piece: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(head);
    const go = () => {
      while (!socket.destroyed && socket.write(piece));
      if (!socket.destroyed) socket.once("drain", go);
    };
    go();
  };
}

const STREAM = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
const LIES: Record<string, (socket: Socket) => void> = {
  "a redirect": (socket) => void socket.write(answer("", "302 Found")),
  "an empty object": (socket) => void socket.write(answer("{}")),
  "no choices": (socket) => void socket.write(answer('{"choices":[]}')),
  "a lone end": (socket) => void socket.end(`${STREAM}data: [DONE]\n\n`),
  "an endless body": forEver("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{", " ".repeat(65_536)),
  "an endless stream": forEver(STREAM, 'data: {"choices":[{"index":0,"text":"x"}]}\n\n'.repeat(100)),
  silence: () => undefined,
};
