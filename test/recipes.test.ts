/** The recipes of CONTRIBUTING.md, followed to the letter in a copy of the sources. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COPIED = [
  "src",
  "web",
  "docs/metrics.md",
  "test/server/fake-host.ts",
  "test/server/fixture.ts",
  "package.json",
  "tsconfig.json",
];

const HEADINGS = ["Add a policy", "Add an endpoint", "Add a counter", "Add a setting"] as const;

let copy = "";
/** Files that each recipe touches, docs aside. */
const touched: Partial<Record<(typeof HEADINGS)[number], string[]>> = {};

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "sluice-recipe-"));
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  // All before the first import: a module is loaded once.
  for (const heading of HEADINGS) touched[heading] = follow(heading);
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

/** Applies the diff under a heading. @returns the files that it touches */
function follow(heading: string): string[] {
  const text = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const section = text.split(`### ${heading}\n`)[1] ?? "";
  const diff = /```diff\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
  execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: copy, input: diff });
  return [...diff.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, path]) => path!).filter((path) => !path.startsWith("docs/"));
}

/** A module of the copy, with the recipe in it. */
async function copied<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(copy, path)).href)) as Module;
}

describe("add a policy", () => {
  it("takes two files, after which it has its flags and passes the conformance suite", async () => {
    expect(touched["Add a policy"]).toHaveLength(2);
    const { loadPolicy } = await copied<typeof import("../src/scheduler/load.js")>("src/scheduler/load.ts");
    const { POLICY_CHECKS } = await copied<typeof import("../src/conformance/policy.js")>("src/conformance/policy.ts");
    const pairs = await loadPolicy("pairs");
    for (const check of POLICY_CHECKS) check.run(pairs);
    const { benchCommand } = await copied<typeof import("../src/cli/commands/bench.js")>("src/cli/commands/bench.ts");
    expect(benchCommand().helpInformation()).toMatch(/--wait-ms <n> +how long a request waits for a partner/);
  });
});

describe("add a counter", () => {
  it("takes two files at most, after which results, /metrics and docs have it", async () => {
    expect(touched["Add a counter"]!.length).toBeLessThanOrEqual(2);
    const counters = await copied<typeof import("../src/scheduler/counters.js")>("src/scheduler/counters.ts");
    const counted = counters.newCounters() as unknown as Record<string, number>;
    expect(counted.decodeSteps).toBe(0);
    const outcome = { rows: [] } as never;
    counters.countStep(counted as never, { slotChanges: [], rows: [] }, outcome);
    expect(counted.decodeSteps).toBe(1);
    const { resultsSchema } = await copied<typeof import("../src/results/schema.js")>("src/results/schema.ts");
    expect(JSON.stringify(z.toJSONSchema(resultsSchema))).toContain('"decodeSteps":{"default":0,"type":"integer"');
    const { fixture } = await copied<typeof import("./server/fixture.js")>("test/server/fixture.ts");
    expect((await fixture().http.inject("/metrics")).body).toContain("# TYPE sluice:decode_steps_total counter");
    expect(readFileSync(join(copy, "docs/metrics.md"), "utf8")).toContain("| `decode_steps_total` |");
  });
});

describe("add a setting", () => {
  it("takes one file, after which it has its flag, its place in the help, its check and its default", async () => {
    expect(touched["Add a setting"]).toHaveLength(1);
    const { SERVER_OPTIONS, DEFAULT_SERVER } =
      await copied<typeof import("../src/server/settings.js")>("src/server/settings.ts");
    expect(DEFAULT_SERVER).toMatchObject({ requestTimeoutS: 60 });
    const { addSettings, settingsOf, typeSettings } =
      await copied<typeof import("../src/cli/options/settings.js")>("src/cli/options/settings.ts");
    const command = () => addSettings(new Command(), SERVER_OPTIONS);
    expect(command().helpInformation()).toMatch(/--request-timeout <s> +how long a client may take/);
    const read = (word: string) => {
      const parsed = command().parse(["--request-timeout", word], { from: "user" });
      typeSettings(parsed);
      return settingsOf(parsed.opts(), SERVER_OPTIONS);
    };
    expect(read("5")).toMatchObject({ requestTimeoutS: 5 });
    expect(() => read("0")).toThrow('--request-timeout must be a whole number from 1 to 3600, got "0"');
  });
});

describe("add an endpoint", () => {
  it("takes two files, after which it answers, is checked and is described", async () => {
    expect(touched["Add an endpoint"]).toHaveLength(2);
    const { fixture, post } = await copied<typeof import("./server/fixture.js")>("test/server/fixture.ts");
    const answer = await post(fixture(), "/summarize", { text: "hello", max_tokens: 3, seed: 0 });
    expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ sentence: "bcd" })]);
    for (const [body, param] of [
      [{}, "text"],
      [{ text: "a", best_of: 2 }, "best_of"],
      [{ text: "a", stream: true }, "stream"],
      [{ text: "a", max_tokens: 1000 }, "max_tokens"],
    ] as const) {
      const refused = await fixture().http.inject({ method: "POST", url: "/summarize", payload: body });
      expect([refused.statusCode, refused.json().error.param]).toEqual([400, param]);
    }
    const { paths } = (await fixture().http.inject("/openapi.json")).json();
    expect(paths["/summarize"].post.summary).toBe("Say in one sentence what a text says");
  });
});
