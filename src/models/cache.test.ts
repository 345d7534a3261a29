import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { defaultCacheDir } from "./cache.js";

it("is where XDG says, else below the home, else a folder of the user's own among the temporary ones", () => {
  const home = () => "/home/me";
  expect(defaultCacheDir({ XDG_CACHE_HOME: "/var/cache" }, home)).toBe(join("/var/cache", "sluice"));
  expect(defaultCacheDir({ XDG_CACHE_HOME: "" }, home)).toBe(join("/home/me", ".cache", "sluice"));
  expect(dirname(defaultCacheDir({}, () => undefined))).toBe(tmpdir());
});
