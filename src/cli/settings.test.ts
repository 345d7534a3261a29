import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ENGINE_OPTIONS } from "../host/settings.js";
import { SCHEDULER_OPTIONS } from "../scheduler/settings.js";
import { PROCESS_OPTIONS, SERVER_OPTIONS } from "../server/settings.js";
import { applyConfig } from "./config.js";
import { addSettings, settingsOf, typeSettings } from "./options/settings.js";
import { runCli } from "./program.js";

const SPECS = { ...ENGINE_OPTIONS, ...SCHEDULER_OPTIONS, ...SERVER_OPTIONS, ...PROCESS_OPTIONS };

const before = process.cwd();
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-settings-"));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What a command with every setting understands. */
async function understood(words: readonly string[], config?: object) {
  if (config) writeFileSync("sluice.config.json", JSON.stringify(config));
  const command = addSettings(new Command("serve").exitOverride(), SPECS);
  new Command("sluice").addCommand(command);
  command.parse([...words], { from: "user" });
  await applyConfig(command);
  typeSettings(command);
  return settingsOf(command.opts(), SPECS);
}

/** One line on stderr. */
async function said(...words: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  expect(await runCli(words)).toBe(2);
  return lines.join("\n");
}

describe("settings of a command", () => {
  it("are those of the tables, each with a flag, a place in the help and a key in the config file", async () => {
    expect(await understood([])).toEqual(await understood([], {}));
    const command = addSettings(new Command(), SPECS);
    const names = command.options.map((option) => option.attributeName());
    expect(new Set(names).size).toBe(Object.keys(SPECS).length);
    for (const option of command.options) expect(command.helpInformation()).toContain(option.long);
  });

  it("come from flags, in the flags' units", async () => {
    const words = ["--slots", "4", "--memory-limit", "512", "--no-compact-slots", "--stream-buffer", "2"];
    const more = ["--api-key", "a", "b", "--order", "sjf", "--drain-timeout", "0.5", "--log-prompts"];
    expect(await understood([...words, ...more])).toMatchObject({
      slots: 4,
      memoryLimitMib: 512,
      compactSlots: false,
      maxStreamBufferBytes: 2048,
      apiKeys: ["a", "b"],
      order: "sjf",
      drainTimeoutS: 0.5,
      logPrompts: true,
    });
  });

  it("come from the config file, under the same names", async () => {
    const config = {
      slots: 4,
      memoryLimit: 512,
      compactSlots: false,
      streamBuffer: 2,
      logPrompts: true,
      apiKey: ["a"],
    };
    expect(await understood([], config)).toMatchObject({
      slots: 4,
      memoryLimitMib: 512,
      compactSlots: false,
      maxStreamBufferBytes: 2048,
      logPrompts: true,
      apiKeys: ["a"],
    });
  });

  it("come from the environment, and give way to flags", async () => {
    vi.stubEnv("LLM_MODEL", "mock");
    vi.stubEnv("SLUICE_API_KEY", "secret");
    expect(await understood([])).toMatchObject({ model: "mock", apiKeys: ["secret"] });
    expect(await understood(["--model", "tutor"])).toMatchObject({ model: "tutor" });
  });

  it("show their defaults in the help in words that mean something", () => {
    const help = addSettings(new Command().configureHelp({ helpWidth: 500 }), SPECS).helpInformation();
    expect(help).toMatch(/--threads <n> +compute threads \(default: one per core, shared out among workers\)/);
    expect(help).toMatch(/--max-num-queued-tokens <n> .*\(default: no limit\)/);
    expect(help).toMatch(/--stream-buffer <KiB> .*\(default: 256\)/);
    expect(help).toMatch(/--no-compact-slots +do not move/);
  });
});

describe("a setting out of its range", () => {
  const MOCK = ["generate", "--model", "mock", "hi"];

  it("is named as the flag that gave it", async () => {
    expect(await said(...MOCK, "--slots", "999")).toBe(
      'sluice: --slots must be a whole number from 1 to 256, or 0 for as many as the scheduler uses, got "999"',
    );
    expect(await said(...MOCK, "--max-num-seqs", "0")).toBe(
      'sluice: --max-num-seqs must be a whole number from 1 to 256, got "0"',
    );
    expect(await said(...MOCK, "--device", "cudda")).toMatch(
      /^sluice: --device must be one of .* \(did you mean "cuda"\?\)/,
    );
  });

  it("is named as the key of the config file", async () => {
    writeFileSync("sluice.config.json", JSON.stringify({ slots: 999 }));
    expect(await said(...MOCK)).toMatch(/^sluice: slots of the config file must be a whole number from 1 to 256/);
    writeFileSync("sluice.config.json", JSON.stringify({ generate: { maxNumSeqs: 0 } }));
    expect(await said(...MOCK)).toMatch(/^sluice: maxNumSeqs of the config file must be a whole number from 1 to 256/);
    writeFileSync("sluice.config.json", JSON.stringify({ topK: -1 }));
    expect(await said(...MOCK)).toMatch(/^sluice: topK of the config file must be a whole number/);
  });

  it("is named as the variable that gave it", async () => {
    vi.stubEnv("GPU_MEMORY_UTIL", "90");
    expect(await said(...MOCK, "--scheduler", "dynamic")).toBe(
      'sluice: GPU_MEMORY_UTIL must be a number from 0 to 1, got "90"',
    );
  });
});
