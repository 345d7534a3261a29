/** `sluice serve` as users run it: a process with signals, workers and an exit code. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { Backlog } from "../../src/server/monitor.js";
import { type ServerProcess, serveProcess, startStream } from "./child.js";

/** On a busy machine. */
const SOON = { timeout: 20_000 };
const NANO = ["--model", "standin:nano", "--max-num-seqs", "4"];
const running: ServerProcess[] = [];

async function serve(...flags: string[]): Promise<ServerProcess> {
  const server = await serveProcess(...NANO, ...flags);
  running.push(server);
  return server;
}

afterEach(() => {
  for (const { child } of running.splice(0)) child.kill("SIGKILL");
});

function ask(url: string): Promise<Response> {
  return fetch(`${url}/generate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "more", max_new_tokens: 2 }),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
function json(response: Response): Promise<any> {
  return response.json();
}

function logLines(server: ServerProcess): { pid?: number; worker?: number; level: number; msg: string }[] {
  return server
    .stdout()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

it("ends its engine host when the server around it cannot be made", () => {
  const script = fileURLToPath(new URL("./unmakeable.mjs", import.meta.url));
  const limits = { ...SOON, killSignal: "SIGKILL" } as const;
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8", ...limits });
  expect(status).toBe(1);
  expect(stderr).toContain("Invalid metric name");
});

it("that cannot listen says which flag is at fault", async () => {
  await expect(serveProcess("--model", "mock", "--host", "192.0.2.1")).rejects.toThrow(
    /ended with 2: .*try another --host\n/,
  );
  const { port } = new URL((await serve()).url);
  await expect(serveProcess("--model", "mock", "--port", port)).rejects.toThrow(/ended with 2: .*try another --port\n/);
});

describe("SIGTERM under load", () => {
  it("finishes what was accepted, running or queued, refuses the rest, and ends with 0", async () => {
    const server = await serve();
    const first = await Promise.all(Array.from({ length: 4 }, () => startStream(server.url, 200)));
    const queued = Array.from({ length: 4 }, () => ask(server.url));
    await expect.poll(async () => (await json(await fetch(`${server.url}/health`))).waiting, SOON).toBe(4);
    server.child.kill("SIGTERM");
    await expect.poll(server.stdout, SOON).toContain("draining");
    const refused = await ask(server.url);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await json(refused)).error.code).toBe("shutting_down");
    for (const { rest } of first) expect((await rest()).endsWith("data: [DONE]\n\n")).toBe(true);
    for (const answer of await Promise.all(queued)) {
      expect(answer.status).toBe(200);
      expect((await json(answer)).completion_tokens).toBe(2);
    }
    expect(await server.exited).toBe(0);
    expect(logLines(server).filter(({ level }) => level >= 50)).toEqual([]);
  });

  it("cuts off what is not done in time, says so to the client, and ends with 0", async () => {
    const server = await serve("--drain-timeout", "0");
    const { rest } = await startStream(server.url, 900);
    server.child.kill("SIGTERM");
    expect(await rest()).toMatch(/"code":"shutting_down".*\n\ndata: \[DONE\]\n\n$/s);
    expect(await server.exited).toBe(0);
  });
});

/** Connections are handed out in turn to workers that are free: opens some until both workers have theirs. */
async function streamsOnBoth(url: string, maxTokens: number) {
  const streams: Awaited<ReturnType<typeof startStream>>[] = [];
  while (new Set(streams.map(({ process }) => process)).size < 2) {
    streams.push(...(await Promise.all(Array.from({ length: 4 }, () => startStream(url, maxTokens)))));
  }
  return streams;
}

describe("several workers", () => {
  it("kill -9 of one breaks only its own requests, and it is back", async () => {
    const server = await serve("--workers", "2");
    const streams = await streamsOnBoth(server.url, 900);
    const listening = () => logLines(server).filter(({ msg }) => msg.startsWith("Server listening"));
    const victim = listening().find(({ worker }) => worker === 1)!;
    expect(victim.pid).toBeGreaterThan(0);
    process.kill(victim.pid!, "SIGKILL");
    const outcomes = await Promise.allSettled(streams.map(({ rest }) => rest()));
    // All streams of one process broke, all of the other came to their end.
    const fates = new Set(outcomes.map(({ status }, i) => `${streams[i]!.process} ${status}`));
    expect([...fates].map((fate) => fate.split(" ")[1]).toSorted()).toEqual(["fulfilled", "rejected"]);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") expect(outcome.value.endsWith("data: [DONE]\n\n")).toBe(true);
    }
    await expect.poll(() => listening().length, SOON).toBe(3);
    for (let i = 0; i < 4; i++) expect((await ask(server.url)).status).toBe(200);
    const page = await (await fetch(`${server.url}/metrics`)).text();
    expect(page).toMatch(/sluice:steps_total\{[^}]*engine="0"/);
    expect(page).toMatch(/sluice:steps_total\{[^}]*engine="1"/);
    server.child.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });

  it("show a new viewer the requests of all, whichever of them it reached", async () => {
    const server = await serve("--workers", "2");
    const streams = await streamsOnBoth(server.url, 4);
    for (const { rest } of streams) await rest();
    const perProcess = [...new Set(streams.map(({ process }) => process))].map(
      (process) => streams.filter((stream) => stream.process === process).length,
    );
    const feed = await fetch(`${server.url}/events`);
    const reader = feed.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n\n")) {
      const { value, done } = await reader.read();
      expect(done).toBe(false);
      text += value;
    }
    const { backlogs } = JSON.parse(text.slice("data: ".length, text.indexOf("\n\n")));
    expect((backlogs as Backlog[]).map(({ worker }) => worker).toSorted()).toEqual([0, 1]);
    const found = (backlogs as Backlog[]).map(({ bars }) => bars.length);
    expect(found.toSorted()).toEqual(perProcess.toSorted());
    await reader.cancel();
    server.child.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });

  it("that cannot start end the server with one line and code 2", async () => {
    await expect(serveProcess("--model", "nowhere.gguf", "--workers", "2")).rejects.toThrow(
      /ended with 2: sluice: [^\n]*nowhere\.gguf[^\n]*\n$/,
    );
  });
});
