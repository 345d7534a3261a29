import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "sluice-release-"));
const installed = join(project, "node_modules", "sluice");
afterAll(() => rmSync(project, { recursive: true, force: true }));

const CONSUMER = `
import assert from "node:assert/strict";
import {
  definePolicy, type Engine, type EngineInfo, type Order, type OrderDefinition, Sluice, SluiceError, type SluiceOptions,
  batchLimit, withinBudget,
} from "sluice";
import { ENGINE_CHECKS, type EngineCheck, POLICY_CHECKS } from "sluice/conformance";

const eager = definePolicy({
  name: "eager",
  summary: "starts what comes",
  options: { most: batchLimit(4, 64, "most sequences at once") },
  create: ({ most }) => ({
    maxSequences: most,
    admitsWhileRunning: true,
    delivery: "stream",
    padToLongest: false,
    reusesPrefixes: false,
    mayStart: (view) => ({ start: most - view.running.length }),
    rows: ({ running, maxStepTokens }) => withinBudget(running, maxStepTokens),
  }),
});
for (const check of POLICY_CHECKS) check.run(eager);

const newest: OrderDefinition = {
  name: "newest",
  summary: "who came last goes first",
  create: (): Order => ({ name: "newest", preempts: false, rank: (sequence) => -sequence.serial }),
};
assert.equal(newest.create().preempts, false);

const nameOf = (engine: Engine): EngineInfo["model"] => engine.info.model;
assert.equal(typeof nameOf, "function");
assert.ok(ENGINE_CHECKS.every((check: EngineCheck) => check.name !== ""));

const options: SluiceOptions = { model: "mock", policy: "static", policyOptions: { maxBatchSize: 2, maxWaitMs: 1 } };
const sluice = await Sluice.open(options);
const { completionTokens, ttftMs } = await sluice.addRequest("hello", { maxTokens: 3 });
assert.equal(completionTokens, 3);
assert.ok(ttftMs > 0);
await sluice.shutdown();
await assert.rejects(sluice.addRequest("late"), (error) => error instanceof SluiceError && error.code === "shutting_down");
console.log("fits");
`;

const STRICT = {
  target: "ES2022",
  module: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  types: ["node"],
  outDir: "out",
};

/** The dependencies are linked and not fetched: the test needs no network. */
function linkDependencies(): void {
  const from = join(ROOT, "node_modules");
  for (const name of readdirSync(from)) {
    if (!name.startsWith(".")) symlinkSync(join(from, name), join(project, "node_modules", name));
  }
}

const execute = promisify(execFile);

/** What a script of the project says. @throws with all of it when it fails */
async function run(...words: string[]): Promise<string> {
  const { stdout, stderr } = await execute(process.execPath, words, { cwd: project }).catch((error) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  return stdout + stderr;
}

describe("the package that npm pack makes", () => {
  beforeAll(async () => {
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", project];
    const { stdout } = await execute("npm", pack, { cwd: ROOT });
    mkdirSync(installed, { recursive: true });
    await execute("tar", ["-xzf", join(project, stdout.trim()), "-C", installed, "--strip-components", "1"]);
    linkDependencies();
    writeFileSync(join(project, "package.json"), '{ "type": "module", "private": true }');
    writeFileSync(join(project, "consumer.ts"), CONSUMER);
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: STRICT, files: ["consumer.ts"] }));
  });

  it("holds what runs and what is read, and neither pictures nor sources", () => {
    for (const file of ["dist/cli/main.js", "models/tutor/tutor.gguf", "prompts/default.txt", "web/index.html"]) {
      expect(existsSync(join(installed, file)), file).toBe(true);
    }
    for (const file of [".env.example", "CHANGELOG.md", "SECURITY.md", "LICENSE", "README.md", "docs/metrics.md"]) {
      expect(existsSync(join(installed, file)), file).toBe(true);
    }
    for (const file of ["examples/bounded-wait.js", "scripts/start-vllm.sh", "deploy/sluice.service"]) {
      expect(existsSync(join(installed, file)), file).toBe(true);
    }
    for (const file of ["src", "test", "benchmarks", "docs/images", "models/tutor/training", "dist/.tsbuildinfo"]) {
      expect(existsSync(join(installed, file)), file).toBe(false);
    }
  });

  it("compiles in a strict project, library and conformance suites, and runs there", { timeout: 180_000 }, async () => {
    expect(await run(join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", ".")).toBe("");
    expect(await run(join("out", "consumer.js"))).toBe("fits\n");
  });

  it("has its command", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(await run(join(installed, "dist", "cli", "main.js"), "--version")).toBe(`${version}\n`);
  });
});

describe("package-lock.json", () => {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { engines?: { node?: string }; cpu?: string[] }>;
  };

  it("brings no build for another processor", () => {
    for (const [name, { cpu }] of Object.entries(lock.packages)) {
      const named = /[-/](arm64|x64|ia32|arm)(?=[-/]|$)/.exec(name.split("/").slice(-2).join("/"))?.[1];
      if (named !== undefined && cpu !== undefined) expect(cpu, name).toEqual([named]);
    }
  });

  it("brings nothing that wants a newer Node.js than package.json does", () => {
    const wanting = Object.entries(lock.packages)
      .filter(([, { engines }]) => /^>=\s*2[1-9]/.test(engines?.node ?? ""))
      .map(([name]) => name);
    expect(wanting).toEqual([]);
  });
});
