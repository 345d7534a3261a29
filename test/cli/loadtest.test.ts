/** What `sluice loadtest` makes of servers that fail: exit code and console. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DONE, events, type LiarsServer, startLiars, text, usage, whole } from "../../src/client/liars.fixture.js";
import { MAIN } from "../server/child.js";

let folder = "";
let server: LiarsServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-loadtest-"));
  server = await startLiars({
    well: events(text("A"), text("B", "length"), usage(2), DONE),
    "one piece": events(text("AB", "length"), usage(2), DONE),
    missing: whole('{"error":{"message":"no such model"}}', "content-type: application/json", "404 Not Found"),
    empty: whole("{}"),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

function loadtest(name: string, words: readonly string[], prefix = ""): Promise<Ended> {
  const url = `${server.url}/${encodeURIComponent(name)}/v1/completions`;
  const all = [process.execPath, MAIN, "loadtest", "--url", url, "--total", "6", "--max-tokens", "2", ...words];
  const command = `${prefix} ${all.map((word) => `'${word}'`).join(" ")}`;
  const child = spawn("/bin/sh", ["-c", command], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      said += data;
    });
  }
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, said })));
}

it.each([
  ["a server that does well", "well", [], 0, /All 6 requests ended well/],
  [
    "404s",
    "missing",
    [],
    1,
    /none of the 6 requests of remote ended well[\s\S]*6 × http:\S+ answered 404: no such model/,
  ],
  ["404s, quietly", "missing", ["--quiet"], 1, /^$/],
  ["empty answers", "empty", [], 1, /6 × target_failed[\s\S]*6 × http:\S+ answered 200 without any output/],
  ["an objective that is met", "well", ["--slo", "ttft_p95<60s"], 0, /^met: ttft_p95<60s/m],
  ["an objective that is missed", "well", ["--slo", "latency_p50<0.001ms"], 1, /^MISSED: latency_p50/m],
  ["an objective without data", "one piece", ["--slo", "tpot_p95<10s"], 1, /^MISSED: tpot_p95<10s \(no request has/m],
  ["a gate that holds", "well", ["--fail-under", "req/s>0.01,ok>=100%"], 0, /^met: ok>=100% \(100 %\)/m],
  ["a gate that does not", "well", ["--fail-under", "req/s>1000000"], 1, /^FAILED: req\/s>1000000 \(/m],
  ["a gate that cannot be read", "well", ["--fail-under", "fast"], 2, /--fail-under: "fast" is not like/],
] as const)("%s", async (_, name, words, status, said) => {
  const ended = await loadtest(name, words);
  expect(ended.said).toMatch(said);
  expect(ended.status).toBe(status);
});

it("blames nobody else for the limit of open files", async () => {
  const words = ["--total", "400", "--concurrency", "400"];
  const { status, said } = await loadtest("well", words, "ulimit -n 400;");
  expect(said).toMatch(/\d+ × client_limited/);
  expect(said).toMatch(/this process may open 400 files, which is 336 connections; raise it \(ulimit -n\)/);
  expect(said).not.toMatch(/target_failed|fault in Sluice/);
  expect(status).toBe(0);
});
