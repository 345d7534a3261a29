import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Inside the package, so that `import "sluice"` finds the package itself. */
const FOLDER = new URL("./.readme/", import.meta.url);
const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const EXAMPLES = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);

function run(args: readonly string[]) {
  return spawnSync(process.execPath, args, { cwd: FOLDER, encoding: "utf8", timeout: 60_000 });
}

describe("the README's examples", () => {
  beforeAll(() => {
    mkdirSync(FOLDER, { recursive: true });
    for (const [i, code] of EXAMPLES.entries()) writeFileSync(new URL(`example${i}.ts`, FOLDER), code);
    const options = {
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ["node"],
    };
    writeFileSync(new URL("tsconfig.json", FOLDER), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  });

  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  it("are there", () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(2);
  });

  it("compile", () => {
    const { status, stdout } = run([
      new URL("../node_modules/typescript/bin/tsc", import.meta.url).pathname,
      "-p",
      ".",
    ]);
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it.each(EXAMPLES.map((_, i) => i))("run: example %i", (i) => {
    const { status, stdout, stderr } = run(["--import", "tsx", `example${i}.ts`]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).not.toBe("");
  });
});
