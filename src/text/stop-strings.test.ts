import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopStrings } from "./stop-strings.js";

/** The text up to the first place where a stop string is complete, as a plain search of the grown text finds it. */
function reference(pieces: readonly string[], stops: readonly string[]): string {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    const ends = stops
      .filter((stop) => stop !== "")
      .map((stop) => text.indexOf(stop))
      .filter((at) => at >= 0);
    if (ends.length > 0) return text.slice(0, Math.min(...ends));
  }
  return text;
}

describe("StopStrings", () => {
  it("gives the text before the first stop string, however the text comes", () => {
    const piece = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(piece, { maxLength: 3 }), (pieces, stops) => {
        const watch = new StopStrings(stops);
        let text = pieces.map((each) => watch.push(each)).join("");
        if (!watch.stopped) text += watch.flush();
        expect(text).toBe(reference(pieces, stops));
      }),
      { numRuns: 1000 },
    );
  });

  it("holds back only what may be the beginning of a stop string", () => {
    const watch = new StopStrings(["END"]);
    expect(watch.push("the E")).toBe("the ");
    expect(watch.push("N")).toBe("");
    expect(watch.push("T")).toBe("ENT");
    expect(watch.push("EN")).toBe("");
    expect(watch.flush()).toBe("EN");
    expect(watch.stopped).toBe(false);
  });

  it("stops within the piece that completes a stop string", () => {
    const watch = new StopStrings(["\n\n"]);
    expect(watch.push("one\n")).toBe("one");
    expect(watch.push("\ntwo")).toBe("");
    expect(watch.stopped).toBe(true);
    expect(watch.push("three")).toBe("");
  });
});
