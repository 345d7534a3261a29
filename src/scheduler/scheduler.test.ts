import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agedRequestsAreNotOvertaken, checkTrace } from "../conformance/invariants.js";
import { type Happening, makeRequest, play, type Scenario, type Trace } from "../conformance/scenario.js";
import { resolveOptions } from "../options.js";
import { findOrder } from "./load.js";
import { POLICIES } from "./policies/registry.js";
import type { SchedulerView } from "./policy.js";
import { withinBudget } from "./rows.js";

const ORDER_NAMES = ["fcfs", "sjf", "priority", "edf", "fair"];

const token = fc.integer({ min: 0, max: 3 });
const prompt = fc.oneof(
  fc.array(token, { minLength: 1, maxLength: 60 }),
  fc.array(token, { minLength: 1, maxLength: 8 }).map((own) => [...Array.from({ length: 20 }, (_, i) => i), ...own]),
);

/** Arrivals with lengths, priorities, users and deadlines; some are cancelled; now and then someone flushes. */
const happenings = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 300 }),
      promptTokens: prompt,
      maxTokens: fc.integer({ min: 1, max: 30 }),
      priority: fc.integer({ min: 0, max: 2 }),
      user: fc.constantFrom("ann", "bob"),
      timeoutMs: fc.option(fc.integer({ min: 0, max: 3000 }), { freq: 4 }),
      cancelAfterMs: fc.option(fc.integer({ min: 0, max: 2000 }), { freq: 3 }),
      flush: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((arrivals) => {
    const all: Happening[] = [];
    let atMs = 0;
    for (const [i, { gapMs, timeoutMs, cancelAfterMs, flush, ...fields }] of arrivals.entries()) {
      atMs += gapMs;
      const id = `r${i}`;
      const deadlineMs = timeoutMs === null ? Number.POSITIVE_INFINITY : atMs + timeoutMs;
      all.push({ atMs, kind: "submit", request: makeRequest({ id, ...fields, deadlineMs }) });
      if (cancelAfterMs !== null) all.push({ atMs: atMs + cancelAfterMs, kind: "cancel", id });
      if (flush) all.push({ atMs, kind: "flush" });
    }
    return all.sort((a, b) => a.atMs - b.atMs);
  });

const scenario: fc.Arbitrary<Scenario> = fc.record({
  slots: fc.integer({ min: 1, max: 9 }),
  contextSize: fc.constant(128),
  maxStepTokens: fc.integer({ min: 10, max: 100 }),
  ageAfterMs: fc.constantFrom(0, 500, 5000),
  maxNumQueuedReqs: fc.constantFrom(3, 1024),
  compactSlots: fc.boolean(),
  happenings,
  failingSteps: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 2 }),
  failingRequests: fc.array(
    fc.nat({ max: 29 }).map((i) => `r${i}`),
    { maxLength: 3 },
  ),
});

describe.each(POLICIES.map((definition) => [definition.name, definition] as const))("under %s", (_name, definition) => {
  const policyFor = ({ slots }: Scenario) => {
    const policy = definition.create(resolveOptions(definition.name, definition.options, {}));
    return { ...policy, maxSequences: Math.min(policy.maxSequences, slots) };
  };

  it("nothing is lost, run twice or over its limits, whatever happens", () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom(...ORDER_NAMES), (drawn, order) => {
        checkTrace(play(drawn, policyFor(drawn), findOrder(order).create()));
      }),
      { numRuns: 80, seed: 1 },
    );
  });

  it("the starvation bound holds", () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom(...ORDER_NAMES), (drawn, order) => {
        agedRequestsAreNotOvertaken(play(drawn, policyFor(drawn), findOrder(order).create()));
      }),
      { numRuns: 60, seed: 2 },
    );
  });
});

const CONTINUOUS = resolveOptions("continuous", POLICIES.find(({ name }) => name === "continuous")!.options, {});

const CALM: Scenario = {
  slots: 2,
  contextSize: 128,
  maxStepTokens: 64,
  ageAfterMs: 10_000,
  maxNumQueuedReqs: 2,
  compactSlots: true,
  happenings: [],
  failingSteps: [],
};

function run(
  policyName: string,
  order: string,
  happenings: Happening[],
  changes: Partial<Scenario> = {},
  options = {},
): Trace {
  const definition = POLICIES.find(({ name }) => name === policyName)!;
  const policy = definition.create(resolveOptions(policyName, definition.options, options));
  return play({ ...CALM, happenings, ...changes }, policy, findOrder(order).create());
}

const submit = (atMs: number, fields: Parameters<typeof makeRequest>[0]): Happening => ({
  atMs,
  kind: "submit",
  request: makeRequest(fields),
});

const failures = (trace: Trace) =>
  trace.events.flatMap((event) => (event.type === "failed" ? [[event.id, event.error.code]] : []));

describe("the scheduler", () => {
  it("clears every slot first: the engine may have served another scheduler", () => {
    const trace = run("sequential", "fcfs", [submit(0, { id: "a" })]);
    expect(trace.steps[0]!.step.slotChanges).toEqual([0, 1].map((slot) => ({ kind: "trim", slot, keep: 0 })));
  });

  it("refuses what never fits, what is there already and what the queue has no room for", () => {
    const long = Array.from({ length: 125 }, () => 1);
    const trace = run("sequential", "fcfs", [
      submit(0, { id: "a" }),
      submit(0, { id: "a" }),
      submit(0, { id: "too long", promptTokens: long }),
      submit(0, { id: "empty", promptTokens: [] }),
      submit(0, { id: "b" }),
      submit(0, { id: "c" }),
    ]);
    expect(failures(trace)).toEqual([
      ["a", "invalid_request"],
      ["too long", "context_length_exceeded"],
      ["empty", "invalid_request"],
      ["c", "queue_full"],
    ]);
  });

  it("preempts for a more urgent request and resumes without losing or repeating a token", () => {
    const trace = run(
      "continuous",
      "priority",
      [
        submit(0, { id: "calm", priority: 5, maxTokens: 20 }),
        submit(0, { id: "calmer", priority: 6, maxTokens: 20 }),
        submit(200, { id: "urgent", priority: 0, maxTokens: 3 }),
      ],
      {},
      { maxNumSeqs: 2 },
    );
    checkTrace(trace);
    expect(trace.events.filter(({ type }) => type === "preempted").map(({ id }) => id)).toEqual(["calmer"]);
    const ends = trace.events.filter(({ type }) => type === "finished").map(({ id }) => id);
    expect(ends).toEqual(["urgent", "calm", "calmer"]);
  });

  it("copies a prefix that a slot holds, and waits for one that is being computed", () => {
    const shared = Array.from({ length: 40 }, (_, i) => i);
    const trace = run(
      "continuous",
      "fcfs",
      ["a", "b", "c"].map((id, i) => submit(0, { id, promptTokens: [...shared, 100 + i] })),
      { slots: 4, maxNumQueuedReqs: 10 },
      { maxNumSeqs: 4 },
    );
    checkTrace(trace);
    expect(trace.scheduler.counters.reusedTokens).toBe(80);
    expect(trace.scheduler.counters.prefillTokens).toBe(43);
  });

  it("cuts a prompt that exceeds the token budget and still samples once", () => {
    const promptTokens = Array.from({ length: 50 }, (_, i) => i);
    const trace = run(
      "continuous",
      "fcfs",
      [submit(0, { id: "long", promptTokens, maxTokens: 1 })],
      { maxStepTokens: 20 },
      { maxNumSeqs: 2 },
    );
    expect(trace.steps.map(({ step }) => step.rows[0]!.count)).toEqual([20, 20, 10]);
    checkTrace(trace);
  });

  it("counts the padding of a batch and delivers it at its end", () => {
    const trace = run(
      "naive",
      "fcfs",
      [submit(0, { id: "short", maxTokens: 2 }), submit(0, { id: "long", maxTokens: 10 })],
      {},
      { batchSize: 2 },
    );
    expect(trace.scheduler.counters.paddingTokens).toBe(8);
    const tokens = trace.events.filter(({ type }) => type === "tokens");
    expect(new Set(tokens.map(({ nowMs }) => nowMs)).size).toBe(1);
  });

  it("computes no padding when told not to", () => {
    const trace = run(
      "naive",
      "fcfs",
      [submit(0, { id: "short", maxTokens: 2 }), submit(0, { id: "long", maxTokens: 10 })],
      {},
      { batchSize: 2, padToLongest: false },
    );
    expect(trace.scheduler.counters.paddingTokens).toBe(0);
    expect(trace.scheduler.counters.rows).toBe(12);
  });

  it("makes neighbours of prompts of equal length, so that unequal ones split a step less", () => {
    const lengths = [5, 9, 5, 9];
    const happenings = lengths.map((length, i) =>
      submit(0, { id: `r${i}`, promptTokens: Array.from({ length }, () => i) }),
    );
    const trace = run("continuous", "fcfs", happenings, { slots: 4, maxNumQueuedReqs: 10 }, { maxNumSeqs: 4 });
    expect(trace.steps[0]!.step.rows.map(({ count }) => count)).toEqual([5, 5, 9, 9]);
    checkTrace(trace);
  });

  it("leaves cells where they are when prompts begin as those before them did, in whatever order they come", () => {
    const prompt = (template: number, last: number) => [...Array.from({ length: 8 }, () => template), last];
    const burst = (atMs: number, templates: number[]) =>
      templates.map((template, i) =>
        submit(atMs, { id: `${atMs}-${i}`, promptTokens: prompt(template, 90 + atMs + i), maxTokens: 2 }),
      );
    const happenings = [...burst(0, [1, 2, 3, 4]), ...burst(1000, [3, 1, 4, 2])];
    const trace = run("continuous", "fcfs", happenings, { slots: 4, maxNumQueuedReqs: 10 }, { maxNumSeqs: 4 });
    const second = trace.steps.filter(({ atMs }) => atMs >= 1000).map(({ step }) => step);
    expect(second[0]!.rows.map(({ start, count }) => [start, count])).toEqual(Array(4).fill([8, 1]));
    expect(second[0]!.slotChanges.every(({ kind }) => kind === "trim")).toBe(true);
    expect(trace.scheduler.counters.reusedTokens).toBe(32);
    checkTrace(trace);
  });

  it("copies short prefixes too, and orders those copied to by what remains to be computed", () => {
    const prompt = (template: number, last: number[]) => [...Array.from({ length: 6 }, () => template), ...last];
    const first = [1, 2].map((template) =>
      submit(0, { id: `first-${template}`, promptTokens: prompt(template, [90]), maxTokens: 2 }),
    );
    const second = [
      [1, 2],
      [2, 1],
      [1, 2, 3],
      [1, 3],
    ].map(([template, ...last], i) =>
      submit(1000, { id: `second-${i}`, promptTokens: prompt(template!, [...last, 80 + i]), maxTokens: 2 }),
    );
    const limits = { slots: 4, maxNumQueuedReqs: 10 };
    const trace = run("continuous", "fcfs", [...first, ...second], limits, { maxNumSeqs: 4 });
    const [step] = trace.steps.filter(({ atMs }) => atMs >= 1000).map(({ step }) => step);
    expect(step!.rows.map(({ start, count }) => [start, count])).toEqual([
      [6, 2],
      [6, 2],
      [6, 2],
      [6, 3],
    ]);
    expect(step!.slotChanges.filter(({ kind }) => kind === "copy")).toHaveLength(2);
    checkTrace(trace);
  });

  it("computes a short prefix again rather than copy a slot that holds much else", () => {
    const header = [1, 1, 1, 1, 1];
    const long = [...header, ...Array.from({ length: 90 }, (_, i) => 10 + i)];
    const happenings = [
      submit(0, { id: "long", promptTokens: long, maxTokens: 20 }),
      submit(500, { id: "short", promptTokens: [...header, 7, 8], maxTokens: 2 }),
    ];
    const trace = run("continuous", "fcfs", happenings, { maxStepTokens: 128 }, { maxNumSeqs: 2 });
    expect(trace.scheduler.counters.reusedTokens).toBe(0);
    checkTrace(trace);
  });

  it("sends a lone request to cells that it can use, else to those that were left longest ago", () => {
    const templates = [1, 2, 1, 2, 3, 2];
    const happenings = templates.map((template, i) =>
      submit(i * 1000, { id: `r${i}`, promptTokens: [...Array.from({ length: 8 }, () => template), 90 + i] }),
    );
    const trace = run("continuous", "fcfs", happenings, {}, { maxNumSeqs: 2 });
    const started = trace.events.flatMap((event) => (event.type === "started" ? [event.slot] : []));
    expect(started).toEqual([0, 1, 0, 1, 0, 1]);
    expect(trace.scheduler.counters.reusedTokens).toBe(24);
    checkTrace(trace);
  });

  it("moves a sequence into a gap so that the slots of a step follow each other", () => {
    const happenings = [2, 2, 2, 30].map((maxTokens, i) =>
      submit(0, { id: `r${i}`, maxTokens: i === 1 ? 30 : i === 3 ? 30 : maxTokens }),
    );
    const trace = run("continuous", "fcfs", happenings, { slots: 4, maxNumQueuedReqs: 10 }, { maxNumSeqs: 4 });
    const last = trace.steps.at(-1)!.step.rows.map((row) => row.slot);
    expect(last[1]! - last[0]!).toBe(1);
    expect(trace.scheduler.counters.slotMoves).toBe(1);
    checkTrace(trace);
  });

  it("ends a request whose token cannot be chosen, and no other", () => {
    const happenings = ["a", "b", "c"].map((id) => submit(0, { id }));
    const trace = run(
      "continuous",
      "fcfs",
      happenings,
      { slots: 3, maxNumQueuedReqs: 3, failingRequests: ["b"] },
      { maxNumSeqs: 3 },
    );
    const ends = trace.events.flatMap(({ type, id }) => (type === "finished" || type === "failed" ? [[id, type]] : []));
    expect(Object.fromEntries(ends)).toEqual({ a: "finished", b: "failed", c: "finished" });
    expect(trace.scheduler.counters).toMatchObject({ generatedTokens: 9, finished: 2, failed: 1 });
    checkTrace(trace);
  });
});

describe("what was generated elsewhere", () => {
  const outputs = (trace: Trace) => trace.events.flatMap((event) => (event.type === "tokens" ? event.tokens : []));
  const usage = (trace: Trace) => trace.events.find((event) => event.type === "finished");

  it.each(POLICIES.map(({ name }) => name))("goes on as if it had run here, under %s", (policy) => {
    const request = { id: "a", promptTokens: [5, 6, 7], maxTokens: 9 };
    const whole = run(policy, "fcfs", [submit(0, request), { atMs: 1, kind: "flush" }]);
    for (let cut = 1; cut < request.maxTokens; cut++) {
      const generatedTokens = outputs(whole).slice(0, cut);
      const rest = run(policy, "fcfs", [submit(0, { ...request, generatedTokens }), { atMs: 1, kind: "flush" }]);
      expect(outputs(rest)).toEqual(outputs(whole).slice(cut));
      expect(usage(rest)).toMatchObject({ reason: "length", promptTokens: 3, completionTokens: 9 });
    }
  });

  it("is refused where it leaves nothing to do", () => {
    const trace = run("continuous", "fcfs", [submit(0, { id: "a", maxTokens: 2, generatedTokens: [1, 2] })]);
    expect(failures(trace)).toEqual([["a", "invalid_request"]]);
  });
});

describe("running sequences share the steps", () => {
  const prompt = (tokens: number, from = 0) => Array.from({ length: tokens }, (_, at) => from + at);
  const crowded = { maxStepTokens: 20, contextSize: 256 };
  /** The number of the step in which each request's first token came. */
  const firstTokens = ({ events, steps }: Trace) => {
    const found = new Map<string, number>();
    for (const { type, id, nowMs } of events) {
      if (type === "tokens" && !found.has(id)) found.set(id, steps.filter(({ atMs }) => atMs < nowMs).length);
    }
    return found;
  };

  it.each(ORDER_NAMES)("a long prompt in a high slot goes on while others come and end, under %s", (order) => {
    const others = Array.from({ length: 100 }, (_, i) =>
      submit(60 * i, { id: `r${i}`, promptTokens: prompt(100, 1000 * i), maxTokens: 1, priority: 0 }),
    );
    const trace = run(
      "continuous",
      order,
      [
        submit(0, { id: "first", promptTokens: prompt(5, 7), maxTokens: 1 }),
        submit(0, { id: "long", promptTokens: prompt(200, 500), maxTokens: 1, priority: 2 }),
        ...others,
      ],
      { ...crowded, maxNumQueuedReqs: 1024, ageAfterMs: 2000 },
    );
    checkTrace(trace);
    const last = trace.events.findLastIndex((event) => event.type === "finished");
    const ended = trace.events.findIndex((event) => event.type === "finished" && event.id === "long");
    expect(ended).toBeLessThan(last / 2);
  });

  it("first tokens of equal prompts come in the order of arrival", () => {
    const requests = [0, 1, 2, 3].map((i) =>
      submit(0, { id: `r${i}`, promptTokens: prompt(60, 100 * i), maxTokens: 9 }),
    );
    const trace = run("continuous", "fcfs", requests, { ...crowded, slots: 4, maxNumQueuedReqs: 9 }, { maxNumSeqs: 4 });
    expect([...firstTokens(trace).keys()]).toEqual(["r0", "r1", "r2", "r3"]);
  });

  it("an urgent prompt does not wait for a calm one that runs", () => {
    const trace = run(
      "continuous",
      "priority",
      [
        submit(0, { id: "calm", promptTokens: prompt(100), priority: 5 }),
        submit(60, { id: "urgent", promptTokens: prompt(20, 500), priority: 0 }),
      ],
      crowded,
    );
    const arrived = trace.steps.filter(({ atMs }) => atMs < trace.arrivalsMs.get("urgent")!).length;
    expect(firstTokens(trace).get("urgent")! - arrived).toBe(1);
  });

  it("nobody loses a slot to a request that waits for a prefix", () => {
    const shared = prompt(60, 500);
    const trace = run(
      "continuous",
      "priority",
      [
        submit(0, { id: "calm", promptTokens: prompt(10), maxTokens: 20, priority: 5 }),
        submit(0, { id: "holder", promptTokens: [...shared, 1], maxTokens: 20, priority: 0 }),
        submit(60, { id: "urgent", promptTokens: [...shared, 2], maxTokens: 2, priority: 0 }),
      ],
      crowded,
    );
    checkTrace(trace);
    const preemptedMs = trace.events.find(({ type }) => type === "preempted")!.nowMs;
    const startedMs = trace.events.find(({ type, id }) => type === "started" && id === "urgent")!.nowMs;
    expect(startedMs).toBe(preemptedMs);
  });

  it("an urgent request does not wait for the prefix of a calm one, which may be served late", () => {
    const shared = prompt(100, 500);
    const trace = run(
      "continuous",
      "priority",
      [
        submit(0, { id: "calm", promptTokens: [...shared, 1], priority: 5 }),
        submit(60, { id: "urgent", promptTokens: [...shared, 2], priority: 0 }),
      ],
      { ...crowded, slots: 3, maxNumQueuedReqs: 9 },
      { maxNumSeqs: 3 },
    );
    checkTrace(trace);
    const started = trace.events.find(({ type, id }) => type === "started" && id === "urgent")!;
    expect(started.nowMs).toBe(trace.arrivalsMs.get("urgent"));
  });

  it("single tokens go on beside a steady flow of prompts, whatever the policy prefers", () => {
    const rows = ({ running, maxStepTokens }: SchedulerView) => {
      const prompts = running.filter((sequence) => !sequence.decoding);
      return withinBudget(prompts.length > 0 ? prompts : running, maxStepTokens);
    };
    const policy = {
      ...POLICIES.find(({ name }) => name === "continuous")!.create({ ...CONTINUOUS, maxNumSeqs: 3 }),
      rows,
    };
    const happenings = [
      submit(0, { id: "talks", promptTokens: prompt(3), maxTokens: 30 }),
      ...Array.from({ length: 200 }, (_, i) =>
        submit(i * 30, { id: `r${i}`, promptTokens: prompt(100, 1000 * i), maxTokens: 1 }),
      ),
    ];
    const scenario = { ...CALM, ...crowded, slots: 3, maxNumQueuedReqs: 1024, ageAfterMs: 300, happenings };
    checkTrace(play(scenario, policy, findOrder("fcfs").create()));
  });
});
