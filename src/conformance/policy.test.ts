import { describe, expect, it } from "vitest";
import { POLICIES } from "../scheduler/policies/registry.js";
import { definePolicy } from "../scheduler/policy.js";
import { withinBudget } from "../scheduler/rows.js";
import { POLICY_CHECKS } from "./policy.js";

describe.each(POLICIES.map((definition) => [definition.name, definition] as const))("%s", (_name, definition) => {
  it.each(POLICY_CHECKS.map((check) => [check.name, check] as const))("%s", (_check, check) => {
    check.run(definition);
  });
});

describe("the suite finds policies that", () => {
  const good = {
    maxSequences: 4,
    admitsWhileRunning: true,
    delivery: "stream",
    padToLongest: false,
    reusesPrefixes: false,
    mayStart: () => ({ start: 4 }),
    rows: ({ running, maxStepTokens }) => withinBudget(running, maxStepTokens),
  } satisfies ReturnType<Parameters<typeof definePolicy>[0]["create"]>;
  const run = (policy: Partial<typeof good>) => () => {
    const definition = definePolicy({ name: "bad", summary: "", options: {}, create: () => ({ ...good, ...policy }) });
    for (const check of POLICY_CHECKS) check.run(definition);
  };

  it("are right", () => {
    expect(run({})).not.toThrow();
  });

  it("never start the last request", () => {
    const mayStart = (view: { waiting: number; running: readonly unknown[] }) => ({ start: view.waiting > 1 ? 1 : 0 });
    expect(run({ mayStart } as never)).toThrow();
  });

  it("choose more tokens than are pending", () => {
    const rows: typeof good.rows = ({ running }) =>
      running.map((sequence) => ({ sequence, count: sequence.pending + 1 }));
    expect(run({ rows })).toThrow();
  });

  it("exceed the token budget", () => {
    const rows: typeof good.rows = ({ running }) => running.map((sequence) => ({ sequence, count: sequence.pending }));
    expect(run({ rows })).toThrow();
  });

  it("choose nothing while sequences run", () => {
    expect(run({ rows: () => [] })).toThrow();
  });
});
