/** Ctrl-C and SIGTERM, in the middle of what a command does. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MAIN } from "../server/child.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-interrupt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Sends the signal as soon as the command says `cue`. @returns the exit code */
function interrupt(words: readonly string[], cue: string, signal: NodeJS.Signals): Promise<number | null> {
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.on("data", (data) => {
    const before = said.includes(cue);
    said += data;
    if (!before && said.includes(cue)) child.kill(signal);
  });
  return new Promise((resolve) => child.once("exit", resolve));
}

const LONG = ["--model", "standin:nano", "--threads", "1", "--max-tokens", "900"];

it.each([
  ["bench", ["bench", ...LONG, "--schedulers", "sequential", "--sizes", "500"], "results go to", "SIGINT", 130],
  ["bench", ["bench", ...LONG, "--schedulers", "sequential", "--sizes", "500"], "results go to", "SIGTERM", 143],
  ["generate", ["generate", ...LONG, "--ignore-eos", "--stream", "tell me", "more"], "tell me", "SIGINT", 130],
] as const)("%s ends with the signal's code: %#", async (_command, words, cue, signal, code) => {
  expect(await interrupt(words, cue, signal)).toBe(code);
});
