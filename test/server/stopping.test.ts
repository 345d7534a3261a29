/** SIGTERM under every kind of client, log and worker: the process has ended within the drain timeout and two seconds. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { MAIN, urlOf } from "./child.js";
import { until } from "./live.js";

const DRAIN_S = 0.5;
const PROMISE_MS = (DRAIN_S + 2) * 1000;
const STUCK_POLICY = fileURLToPath(new URL("./stuck-policy.mjs", import.meta.url));
const SOON = { timeout: 30_000 };

const children: ChildProcess[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Started {
  readonly child: ChildProcess;
  readonly url: URL;
  readonly ended: Promise<number | null>;
}

/** @param stdout where the log goes: a pipe, or a file that is open */
async function start(flags: readonly string[], stdout: "pipe" | number = "pipe"): Promise<Started> {
  const fixed = ["--port", "0", "--threads", "1", "--drain-timeout", String(DRAIN_S), "--quiet"];
  const child = spawn(process.execPath, [MAIN, "serve", ...fixed, ...flags], { stdio: ["ignore", stdout, "pipe"] });
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, url: new URL(await urlOf(child)), ended };
}

/** How a server ends, and how long that takes. */
async function stop({ child, ended }: Started, signal: NodeJS.Signals = "SIGTERM") {
  const startMs = performance.now();
  child.kill(signal);
  const code = await ended;
  return { code, inTime: performance.now() - startMs < PROMISE_MS };
}

function ask({ url }: Started, maxTokens = 1): Promise<Response> {
  return fetch(new URL("/generate", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "more", max_new_tokens: maxTokens }),
    signal: AbortSignal.timeout(SOON.timeout),
  });
}

function open({ url }: Started, text: string): Socket {
  const socket = connect(Number(url.port), url.hostname);
  sockets.push(socket);
  socket.on("error", () => undefined);
  socket.write(text);
  return socket;
}

function post(body: object, headers = ""): string {
  const text = JSON.stringify(body);
  return `POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${text.length}\r\n\r\n${text}`;
}

const ENDLESS = post({ prompt: "more", max_tokens: 900, ignore_eos: true, stream: true });

it("ends in time with clients of every kind", async () => {
  const server = await start(["--model", "standin:nano", "--max-num-seqs", "4"]);
  open(server, ENDLESS); // never reads
  const reader = open(server, ENDLESS);
  open(server, ENDLESS.repeat(5)); // pipelines
  open(server, ENDLESS).end(); // has shut its side
  open(server, "GET /health HTTP/1.1\r\nhost: x\r\n\r\n").resume(); // stays, idle
  open(server, "POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"); // an upload without end
  open(server, "GET /hea"); // a head without end
  open(server, "GET /events HTTP/1.1\r\nhost: x\r\n\r\n"); // a dashboard that does not read
  await new Promise((resolve) => reader.once("data", resolve));
  expect(await stop(server)).toEqual({ code: 0, inTime: true });
});

describe("with a log", () => {
  it.runIf(process.platform === "linux")("on a full disk it serves on and ends in time", async () => {
    const full = openSync("/dev/full", "w");
    const server = await start(["--model", "mock"], full).finally(() => closeSync(full));
    for (let i = 0; i < 40; i++) expect((await ask(server)).status).toBe(200);
    expect(await stop(server)).toEqual({ code: 0, inTime: true });
  });

  it("that nobody reads it serves on and ends in time", async () => {
    const server = await start(["--model", "mock"]);
    const padding = "x".repeat(4000);
    // More than pipes hold.
    for (let i = 0; i < 150; i++) {
      const missing = await fetch(new URL(`/${padding}`, server.url), { method: "POST" });
      expect(missing.status).toBe(404);
    }
    expect((await ask(server)).status).toBe(200);
    expect(await stop(server)).toEqual({ code: 0, inTime: true });
  });

  it("whose reader has died it serves on and ends in time", async () => {
    const server = await start(["--model", "mock"]);
    server.child.stdout!.destroy();
    server.child.stderr!.destroy();
    for (let i = 0; i < 5; i++) expect((await ask(server)).status).toBe(200);
    expect(await stop(server)).toEqual({ code: 0, inTime: true });
  });
});

describe("with an engine in a call that never returns", () => {
  it("it tells its clients and ends in time", async () => {
    const server = await start(["--model", "mock", "--scheduler", STUCK_POLICY]);
    const answer = ask(server);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await stop(server)).toEqual({ code: 0, inTime: true });
    const { error } = (await (await answer).json()) as { error: { code: string } };
    expect(error.code).toBe("shutting_down");
  });

  it("a second signal ends it at once", async () => {
    const server = await start(["--model", "mock", "--scheduler", STUCK_POLICY, "--drain-timeout", "60"]);
    void ask(server).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    server.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await stop(server)).toEqual({ code: 143, inTime: true });
  });
});

describe("with a worker that is stopped", () => {
  async function workers(server: Started): Promise<number[]> {
    const pids = new Set<number>();
    let text = "";
    server.child.stdout!.on("data", (data) => {
      text += data;
    });
    await until(() => {
      for (const [, pid] of text.matchAll(/"pid":(\d+),"worker"/g)) pids.add(Number(pid));
      return pids.size === 2;
    });
    return [...pids];
  }

  it("the others end in time, and so does it", async () => {
    const server = await start(["--model", "mock", "--workers", "2"]);
    const [first] = await workers(server);
    process.kill(first!, "SIGSTOP");
    expect(await stop(server)).toEqual({ code: 0, inTime: true });
    await expect.poll(() => isAlive(first!), SOON).toBe(false);
  });

  it("it is replaced", async () => {
    const server = await start(["--model", "mock", "--workers", "2"]);
    const [first] = await workers(server);
    process.kill(first!, "SIGSTOP");
    await expect.poll(() => isAlive(first!), SOON).toBe(false);
    for (let i = 0; i < 6; i++) expect((await ask(server)).status).toBe(200);
    expect(await stop(server)).toEqual({ code: 0, inTime: true });
  }, 60_000);

  it("a second signal leaves none behind", async () => {
    const server = await start(["--model", "mock", "--workers", "2", "--drain-timeout", "60"]);
    const pids = await workers(server);
    process.kill(pids[0]!, "SIGSTOP");
    server.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await stop(server, "SIGINT")).toEqual({ code: 130, inTime: true });
    await expect.poll(() => pids.some(isAlive), SOON).toBe(false);
  });
});

it("ends with 130 after Ctrl-C", async () => {
  const server = await start(["--model", "mock"]);
  expect(await stop(server, "SIGINT")).toEqual({ code: 130, inTime: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
