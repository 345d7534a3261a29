import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COUNTERS, type CounterName } from "../scheduler/counters.js";
import { counterName } from "./host-metrics.js";

it("has the counters that docs/metrics.md has, under the same names, both ways", () => {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const rows = page.slice(page.indexOf("\n## Counters"), page.indexOf("\n## Steps")).matchAll(/^\| `(\w+)` .*\|$/gm);
  const described = Object.entries(COUNTERS).map(
    ([name, { meaning }]) => `| \`${name}\` | \`${counterName(name as CounterName)}\` | ${meaning} |`,
  );
  expect([...rows].map(([row]) => row)).toEqual(described);
});
