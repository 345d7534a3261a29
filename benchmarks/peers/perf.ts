import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputOf } from "./processes.js";

const SAMPLES_PER_SEC = "997";
/** Views of the same samples: by program and library, and by function. */
const VIEWS = ["comm,dso", "dso,symbol"];
const LINES_PER_VIEW = 14;

/**
 * Samples what all cores do (Linux's `perf`, with the right to see all of it) while `work` runs, and prints where the time
 * went. The client is among it: it takes its time from the same cores.
 */
export async function withPerf<T>(work: () => Promise<T>): Promise<T> {
  const file = join(tmpdir(), `peers-${process.pid}.perf`);
  const record = ["record", "--quiet", "-a", "-e", "cpu-clock", "-F", SAMPLES_PER_SEC, "-o", file];
  const perf = spawn("perf", record, { stdio: ["ignore", "ignore", "inherit"] });
  const exited = once(perf, "exit"); // rejects where there is no perf
  try {
    const result = await Promise.race([work(), exited.then(() => Promise.reject(new Error("perf ended too early")))]);
    perf.kill("SIGINT");
    await exited;
    for (const view of VIEWS) console.log(await sharesBy(view, file));
    return result;
  } finally {
    perf.kill("SIGINT");
    rmSync(file, { force: true });
  }
}

async function sharesBy(view: string, file: string): Promise<string> {
  const report = ["report", "--stdio", "--no-children", "-g", "none", "--sort", view, "-i", file];
  const lines = (await outputOf("perf", report)).split("\n").filter((line) => /^\s+\d+\.\d+%/.test(line));
  return [`\nby ${view}:`, ...lines.slice(0, LINES_PER_VIEW).map((line) => line.trimEnd().slice(0, 120))].join("\n");
}
