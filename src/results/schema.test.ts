import { describe, expect, it } from "vitest";
import { COUNTERS, newCounters } from "../scheduler/counters.js";
import { resultsOf, runOf } from "./results.fixture.js";
import { formatResults, parseResults } from "./schema.js";

describe("results.json", () => {
  it("reads back what it wrote", () => {
    const results = resultsOf();
    expect(parseResults(formatResults(results), "results.json")).toEqual(results);
  });

  it("keeps every counter of the scheduler, and reads files from before there were some", () => {
    const counters = { ...newCounters(), stepSizes: [1, 2], stepTokens: 9, computeMs: 1.5 };
    const text = formatResults(resultsOf({ runs: [runOf({ counters })] }));
    const read = parseResults(text, "a").runs[0]!.counters!;
    expect(read).toEqual(counters);
    expect(Object.keys(read).sort()).toEqual(Object.keys(COUNTERS).sort());
    const older = parseResults(text.replace('"stepSizes":[1,2],"stepTokens":9,', ""), "a").runs[0]!.counters;
    expect(older).toEqual({ ...counters, stepSizes: [], stepTokens: 0 });
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
