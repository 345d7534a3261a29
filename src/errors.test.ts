import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERRORS, SluiceError } from "./errors.js";

describe("errors", () => {
  it("are the same in the code and in docs/errors.md, both ways", () => {
    const page = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
    const documented = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (.+) \|$/gm)].map(([, code, status, meaning]) => [
      code,
      Number(status),
      meaning,
    ]);
    expect(documented).toEqual(Object.entries(ERRORS).map(([code, { status, meaning }]) => [code, status, meaning]));
  });

  it("survive a message port", () => {
    const error = new SluiceError("queue_full", "too many", { field: "prompt", retryAfterS: 3 });
    const copy = SluiceError.fromData(structuredClone(error.toData()));
    expect(copy).toMatchObject({
      code: "queue_full",
      message: "too many",
      field: "prompt",
      retryAfterS: 3,
      status: 503,
    });
  });

  it("keep what is one already and wrap what is not", () => {
    const error = new SluiceError("not_found", "nothing here");
    expect(SluiceError.from(error)).toBe(error);
    expect(SluiceError.from("words", "engine_failed")).toMatchObject({ code: "engine_failed", message: "words" });
  });
});
