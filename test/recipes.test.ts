/** The recipes of CONTRIBUTING.md, followed to the letter in a copy of the sources. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COPIED = ["src", "web", "test/server/fake-host.ts", "test/server/fixture.ts", "package.json", "tsconfig.json"];

let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "sluice-recipe-"));
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
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
  return [...diff.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, path]) => path!);
}

describe("add an endpoint", () => {
  it("takes two files, after which it answers, is checked and is described", async () => {
    expect(follow("Add an endpoint")).toHaveLength(2);
    const path = pathToFileURL(join(copy, "test/server/fixture.ts")).href;
    const { fixture, post } = (await import(path)) as typeof import("./server/fixture.js");
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
