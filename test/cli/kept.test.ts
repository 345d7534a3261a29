import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { readResults } from "../../src/report/read.js";
import { readJournal } from "../../src/results/journal.js";

const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const base = mkdtempSync(join(tmpdir(), "sluice-kept-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A bench on the mock in real time: some 40 ms a token. */
function bench(
  folder: string,
  maxTokens: number,
): { child: ChildProcess; ended: Promise<{ code: number | null; stderr: string }> } {
  const words = ["bench", "--model", "mock", "--clock", "real", "--schedulers", "continuous", "--sizes", "1"];
  const flags = ["--runs", "80", "--max-tokens", String(maxTokens), "--quiet", "--output-dir", folder];
  const child = spawn(process.execPath, [CLI, ...words, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stderr })),
  );
  return { child, ended };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const runsIn = (folder: string): number => readJournal(folder)?.runs.length ?? 0;

describe("a bench that is ended early", () => {
  it("says so, leaves no folder and exits with 130 before anything was measured", async () => {
    const folder = join(base, "nothing");
    const { child, ended } = bench(folder, 900);
    await until(() => existsSync(join(folder, "runs.jsonl")));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted before anything was measured/);
    expect(existsSync(folder)).toBe(false);
  });

  it("keeps what was measured, and exits with 130", async () => {
    const folder = join(base, "some");
    const { child, ended } = bench(folder, 1);
    await until(() => runsIn(folder) > 0);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    const results = readResults(folder);
    expect(results.manifest.interrupted).toBe(true);
    expect(results.runs.length).toBeGreaterThan(0);
  });

  it("has its finished runs when it was killed, for readers too", async () => {
    const folder = join(base, "killed");
    const { child, ended } = bench(folder, 1);
    await until(() => runsIn(folder) > 1);
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(folder, "results.json"))).toBe(false);
    const results = readResults(folder);
    expect(results.runs.length).toBe(runsIn(folder));
    expect(results.manifest.interrupted).toBe(true);
  });

  it("has everything when its folder was taken away meanwhile", async () => {
    const folder = join(base, "taken");
    const { ended } = bench(folder, 1);
    await until(() => runsIn(folder) > 0);
    rmSync(folder, { recursive: true });
    expect((await ended).code).toBe(0);
    expect(readResults(folder).runs).toHaveLength(80);
    expect(readFileSync(join(folder, "benchmark_detailed_metrics.csv"), "utf8").trim().split("\n")).toHaveLength(81);
  });
});
