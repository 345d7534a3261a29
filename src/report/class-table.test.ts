import { expect, it } from "vitest";
import { recordOf, resultsOf, runOf } from "../results/results.fixture.js";
import type { RequestRecord } from "../results/schema.js";
import { classTables } from "./class-table.js";

const LATE = { lastTokenMs: 90, endedMs: 90, gapsMs: [70] };

function tables(records: readonly Partial<RequestRecord>[]): string {
  return classTables(resultsOf({ runs: [runOf({ requests: records.map(recordOf) })] }));
}

it("shows nothing where all requests are alike", () => {
  expect(tables([{}, {}])).toBe("");
});

it("shows a row per priority and scheduler, the most urgent first", () => {
  const lines = tables([{ priority: 1, ...LATE }, { priority: 0 }, { priority: 0, status: "failed" }]).split("\n");
  expect(lines[0]).toBe("By priority");
  expect(lines[2]).toMatch(/^0 +static +2 +50.0 % +20.0 ms +20.0 ms +30.0 ms +30.0 ms$/);
  expect(lines[3]).toMatch(/^1 +static +1 +100 % +20.0 ms +20.0 ms +90.0 ms +90.0 ms$/);
});

it("shows the busiest users, and nobody as nobody", () => {
  const lines = tables([{ user: "ann" }, {}, { user: "ann" }]).split("\n");
  expect(lines[0]).toBe("By user");
  expect(lines[2]).toMatch(/^ann +static +2 /);
  expect(lines[3]).toMatch(/^– +static +1 /);
});

it("shows how many came in time; those that failed did not", () => {
  const records = [{ timeoutMs: 50 }, { timeoutMs: 50, ...LATE }, { timeoutMs: 50, status: "failed" } as const, {}, {}];
  const lines = tables(records).split("\n");
  expect(lines[0]).toBe("With a deadline");
  expect(lines[2]).toMatch(/^static +3 +66.7 % .* 33.3 %$/);
});
