import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findBuild, libraryPaths } from "./platform.js";

describe("findBuild", () => {
  it("finds the processor's build and all of its libraries", () => {
    const build = findBuild("cpu");
    expect(build.kind).toBe("cpu");
    for (const path of Object.values(libraryPaths(build))) expect(existsSync(path)).toBe(true);
  });

  it("says what is missing in a folder that is not llama.cpp's", () => {
    const build = { ...findBuild("cpu"), directory: import.meta.dirname };
    expect(() => libraryPaths(build)).toThrowError(/holds no ggml of llama\.cpp 0\.5\.0; reinstall/);
  });
});
