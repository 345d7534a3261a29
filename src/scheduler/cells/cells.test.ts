import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agedRequestsAreNotOvertaken, checkTrace } from "../../conformance/invariants.js";
import { type Happening, makeRequest, play, type Scenario, type Trace } from "../../conformance/scenario.js";
import { resolveOptions } from "../../options.js";
import { findOrder } from "../load.js";
import { POLICIES } from "../policies/registry.js";
import type { Sequence } from "../request.js";
import { DenseCells, type DenseOptions } from "./dense.js";

const ORDER_NAMES = ["fcfs", "sjf", "priority", "edf", "fair"];

/** Slots that share fewer cells than they have room for: not everybody's next tokens fit. */
class TightCells extends DenseCells {
  readonly #reserved = new Map<Sequence, number>();

  constructor(
    options: DenseOptions,
    private readonly capacity: number,
  ) {
    super(options);
  }

  override canStart(sequence: Sequence): boolean {
    return super.canStart(sequence) && this.#used + sequence.tokens.length + 1 <= this.capacity;
  }

  override start(sequence: Sequence): void {
    super.start(sequence);
    this.#reserved.set(sequence, sequence.tokens.length + 1);
  }

  override grow(sequence: Sequence, cells: number): boolean {
    const own = this.#reserved.get(sequence)!;
    if (cells > own && this.#used - own + cells > this.capacity) return false;
    this.#reserved.set(sequence, Math.max(own, cells));
    return super.grow(sequence, cells);
  }

  override release(sequence: Sequence): void {
    super.release(sequence);
    this.#reserved.delete(sequence);
  }

  get #used(): number {
    let used = 0;
    for (const cells of this.#reserved.values()) used += cells;
    return used;
  }
}

const prompt = (tokens: number, from = 0) => Array.from({ length: tokens }, (_, at) => from + at);

function run(policyName: string, order: string, scenario: Scenario): Trace {
  const definition = POLICIES.find(({ name }) => name === policyName)!;
  const policy = definition.create(resolveOptions(policyName, definition.options, {}));
  const maxSequences = Math.min(policy.maxSequences, scenario.slots);
  return play(scenario, { ...policy, maxSequences }, findOrder(order).create());
}

const submit = (atMs: number, fields: Parameters<typeof makeRequest>[0]): Happening => ({
  atMs,
  kind: "submit",
  request: makeRequest(fields),
});

const TIGHT: Scenario = {
  slots: 4,
  contextSize: 64,
  maxStepTokens: 64,
  ageAfterMs: 10_000,
  maxNumQueuedReqs: 1024,
  compactSlots: true,
  happenings: [],
  failingSteps: [],
  cells: (options) => new TightCells(options, 64),
};

const arrivals = fc.array(
  fc.record({
    gapMs: fc.integer({ min: 0, max: 200 }),
    promptTokens: fc.oneof(
      fc.integer({ min: 1, max: 30 }).map((tokens) => prompt(tokens)),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 }),
    ),
    maxTokens: fc.integer({ min: 1, max: 34 }),
    priority: fc.integer({ min: 0, max: 2 }),
    user: fc.constantFrom("ann", "bob"),
    cancelAfterMs: fc.option(fc.integer({ min: 0, max: 2000 }), { freq: 5 }),
  }),
  { minLength: 3, maxLength: 16 },
);

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    arrivals,
    capacity: fc.integer({ min: 64, max: 110 }),
    slots: fc.integer({ min: 2, max: 6 }),
    maxStepTokens: fc.integer({ min: 10, max: 64 }),
    ageAfterMs: fc.constantFrom(500, 10_000),
  })
  .map(({ arrivals, capacity, ...limits }) => {
    let atMs = 0;
    const happenings = arrivals.flatMap(({ gapMs, cancelAfterMs, ...fields }, i): Happening[] => {
      atMs += gapMs;
      const id = `r${i}`;
      const cancel = { atMs: atMs + (cancelAfterMs ?? 0), kind: "cancel", id } as const;
      return [submit(atMs, { id, ...fields }), ...(cancelAfterMs === null ? [] : [cancel])];
    });
    const byTime = happenings.sort((a, b) => a.atMs - b.atMs);
    return { ...TIGHT, ...limits, happenings: byTime, cells: (options) => new TightCells(options, capacity) };
  });

describe("where not everybody's next tokens fit", () => {
  it.each(POLICIES.map(({ name }) => name))("nothing is lost or told twice under %s and any order", (policy) => {
    let preemptions = 0;
    fc.assert(
      fc.property(scenarios, fc.constantFrom(...ORDER_NAMES), (scenario, order) => {
        const trace = run(policy, order, scenario);
        checkTrace(trace);
        agedRequestsAreNotOvertaken(trace);
        preemptions += trace.scheduler.counters.preemptions;
      }),
      { numRuns: 80, seed: 3 },
    );
    if (policy === "sequential") expect(preemptions).toBe(0);
    else expect(preemptions).toBeGreaterThan(0);
  });

  const crowd = [0, 1, 2].map((i) =>
    submit(0, { id: `r${i}`, promptTokens: prompt(10, 100 * i), maxTokens: 50, priority: 2 - i }),
  );
  const victims = ({ events }: Trace) => events.filter(({ type }) => type === "preempted").map(({ id }) => id);
  const ends = ({ events }: Trace) => events.filter(({ type }) => type === "finished").map(({ id }) => id);

  it("who came last loses its cells, and goes on when there is room", () => {
    const trace = run("continuous", "fcfs", { ...TIGHT, happenings: crowd });
    checkTrace(trace);
    expect(victims(trace)[0]).toBe("r2");
    expect(victims(trace)).not.toContain("r0");
    expect(ends(trace)).toEqual(["r0", "r1", "r2"]);
  });

  it("under priority the least urgent does", () => {
    const trace = run("continuous", "priority", { ...TIGHT, happenings: crowd });
    checkTrace(trace);
    expect(victims(trace)[0]).toBe("r0");
    expect(victims(trace)).not.toContain("r2");
    expect(ends(trace)).toEqual(["r2", "r1", "r0"]);
  });

  it("padding ends before anybody loses its cells", () => {
    const happenings = [
      submit(0, { id: "short", promptTokens: prompt(10), maxTokens: 2 }),
      submit(0, { id: "long", promptTokens: prompt(10, 100), maxTokens: 50 }),
      { atMs: 1, kind: "flush" } as const,
    ];
    const trace = run("static", "fcfs", { ...TIGHT, happenings });
    checkTrace(trace);
    expect(victims(trace)).toEqual([]);
    expect(trace.scheduler.counters.paddingTokens).toBeLessThan(48);
  });
});

describe("dense cells", () => {
  const cells = () => new DenseCells({ slots: 2, contextSize: 8, reusesPrefixes: false, compactSlots: true });

  it("grow up to the context size and no further", () => {
    expect([8, 9].map((length) => cells().grow({} as Sequence, length))).toEqual([true, false]);
  });

  it("of an ended sequence are trimmed to what is somebody's text", () => {
    const trace = run("continuous", "fcfs", { ...TIGHT, slots: 1, happenings: [submit(0, { id: "a", maxTokens: 3 })] });
    expect(trace.scheduler.kvUsage).toBe(0);
    checkTrace(trace);
  });
});
