import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { readyUrl } from "../../../src/targets/server-process.js";
import { type Kind, newTally } from "../kind.js";
import { endOf, MAIN } from "../server.js";

const DRAIN_S = 2;
const GRACE_S = 2;

/** SIGTERM while clients, logs and workers do their worst: the server ends within the drain timeout and two seconds. */
export const stop: Kind = {
  name: "SIGTERM under everything",
  async run(size) {
    const tally = newTally();
    for (const client of size < 1 ? CLIENTS.slice(0, 2) : CLIENTS) await attempt(client.name, [], "ignore", client);
    for (const [name, stdout] of [
      ["a full disk", "/dev/full"],
      ["a pipe that nobody reads", "pipe"],
    ] as const) {
      await attempt(name, ["--log-level", "info"], stdout === "pipe" ? "pipe" : openSync(stdout, "w"), CHATTY);
    }
    if (size >= 1) await attempt("a stopped worker", ["--workers", "2"], "ignore", CHATTY, true);
    return tally;

    async function attempt(
      name: string,
      flags: string[],
      stdout: "ignore" | "pipe" | number,
      client: Client,
      stopsWorker = false,
    ): Promise<void> {
      const words = [
        MAIN,
        "serve",
        "--model",
        "standin:nano",
        "--port",
        "0",
        "--drain-timeout",
        String(DRAIN_S),
        ...flags,
      ];
      const child = spawn(process.execPath, words, { stdio: ["ignore", stdout, "pipe"] });
      const { port, hostname } = new URL(await readyUrl(child));
      const sockets = Array.from({ length: 8 }, () => connect(Number(port), hostname).on("error", () => undefined));
      for (const socket of sockets) client.send(socket);
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (stopsWorker) stopAChild(child.pid!);
      const seconds = await endOf(child);
      for (const socket of sockets) socket.destroy();
      tally.sent++;
      if (seconds <= DRAIN_S + GRACE_S) tally.right++;
      else {
        tally.hung++;
        tally.notes.push(`${name}: ended after ${seconds.toFixed(1)} s`);
      }
    }
  },
};

interface Client {
  readonly name: string;
  send(socket: Socket): void;
}

const requestOf = (body: unknown, path = "/v1/completions") => {
  const text = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${text.length}`;
  return `${head}\r\n\r\n${text}`;
};
const LONG = { prompt: "x", max_tokens: 900, ignore_eos: true, stream: true };

const CHATTY: Client = {
  name: "chatty",
  send: (socket) => {
    for (let i = 0; i < 50; i++) socket.write("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n");
  },
};

const CLIENTS: readonly Client[] = [
  { name: "a reader that never reads", send: (socket) => void socket.pause().write(requestOf(LONG)) },
  { name: "an upload that never ends", send: (socket) => void socket.write(requestOf(LONG).slice(0, -5)) },
  { name: "a head that never ends", send: (socket) => void socket.write("POST /v1/completions HTTP/1.1\r\nhost:") },
  { name: "an idle connection", send: (socket) => void socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n") },
  { name: "pipelined requests", send: (socket) => void socket.write(requestOf(LONG).repeat(30)) },
  { name: "a half-closed connection", send: (socket) => void socket.end(requestOf(LONG)) },
];

/** Stops one child process of a process, as a debugger or a frozen machine does. */
function stopAChild(parent: number): void {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
  process.kill(Number(children[0]), "SIGSTOP");
}
