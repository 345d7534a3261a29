import { describe, expect, it } from "vitest";
import { resultsOf } from "./results.fixture.js";
import { formatResults, parseResults } from "./schema.js";

describe("results.json", () => {
  it("reads back what it wrote", () => {
    const results = resultsOf();
    expect(parseResults(formatResults(results), "results.json")).toEqual(results);
  });

  it("names the file that is not JSON", () => {
    expect(() => parseResults('{"schemaVersion": 1', "a/results.json")).toThrow(/a\/results\.json is not JSON/);
  });

  it("refuses another schema version with both versions named", () => {
    expect(() => parseResults('{"schemaVersion": 7}', "a")).toThrow(/schema version 7, this Sluice reads 1/);
    expect(() => parseResults("null", "a")).toThrow(/schema version undefined/);
  });

  it("names the field that does not fit", () => {
    const text = formatResults(resultsOf()).replace('"requestSize":1', '"requestSize":"one"');
    expect(() => parseResults(text, "a")).toThrow(/runs\.0\.requestSize/);
  });
});
