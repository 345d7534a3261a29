import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script that does not end is killed: else it would run on beside everything after it. */
const LIMIT = { timeout: 30_000, killSignal: "SIGKILL" } as const;

async function run(script: string, ...words: string[]): Promise<Ended> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ["--import", "tsx", script, ...words], LIMIT)) };
  } catch (error) {
    return error as Ended;
  }
}

describe("a benchmark's flags", () => {
  it("are told by --help, with their defaults", async () => {
    const { code, stdout } = await run("benchmarks/virtual-time.ts", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/--requests <value> .*default: 100000/s);
  });

  it("reach the script", async () => {
    const { stdout } = await run("benchmarks/virtual-time.ts", "--requests", "64", "--clients", "4");
    expect(stdout).toContain("64 requests");
  });

  it.each([
    ["benchmarks/virtual-time.ts", ["--clients", "none"], '--clients must be a whole number of at least 1, got "none"'],
    ["benchmarks/virtual-time.ts", ["--client", "3"], "unknown option '--client'"],
    ["benchmarks/peers/compare.ts", ["--peers", "llama"], 'no peer "llama"; there are: sluice serve'],
    ["benchmarks/peers/compare.ts", ["--workloads", "8,all"], 'no workload "all"'],
    ["benchmarks/peers/compare.ts", ["--from", "results/nowhere"], "results/nowhere holds no measurements"],
    ["benchmarks/peers/cli.ts", ["try", "vllm"], "--model <file>"],
  ])("%s %j is refused without a stack", async (script, words, message) => {
    const { code, stderr } = await run(script, ...words);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });
});
