import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTrace } from "../conformance/invariants.js";
import { type Happening, makeRequest, play, type Scenario, type Trace } from "../conformance/scenario.js";
import { resolveOptions } from "../options.js";
import { findOrder } from "./load.js";
import { POLICIES } from "./policies/registry.js";
import type { Policy, RowPlan, SchedulerView } from "./policy.js";

const ORDER_NAMES = ["fcfs", "sjf", "priority", "edf", "fair"];

const SCENARIO: Scenario = {
  slots: 4,
  contextSize: 64,
  maxStepTokens: 40,
  ageAfterMs: 5000,
  maxNumQueuedReqs: 1024,
  compactSlots: true,
  happenings: [],
  failingSteps: [],
};

function policyOf(name: string, slots: number): Policy {
  const definition = POLICIES.find((policy) => policy.name === name)!;
  const policy = definition.create(resolveOptions(name, definition.options, {}));
  return { ...policy, maxSequences: Math.min(policy.maxSequences, slots) };
}

type Guess = (plan: RowPlan, most: number) => readonly number[];

/** The same policy, with guesses where a row reaches its last known token and the step has room for them. */
function drafting(policy: Policy, guess: Guess): Policy {
  const rows = (view: SchedulerView) => {
    const plans = policy.rows(view);
    let left = view.maxStepTokens - plans.reduce((sum, { count }) => sum + count, 0);
    return plans.map((plan) => {
      const { sequence, count } = plan;
      const allowed = Math.min(left, view.maxDraftTokens, sequence.request.maxTokens - sequence.generated - 1);
      if (count < sequence.pending || allowed <= 0) return plan;
      const draft = guess(plan, allowed).slice(0, allowed);
      left -= draft.length;
      return { ...plan, draft };
    });
  };
  return { ...policy, rows };
}

function outputsOf({ events }: Trace): Map<string, number[]> {
  const outputs = new Map<string, number[]>();
  for (const event of events) {
    if (event.type === "tokens") outputs.set(event.id, [...(outputs.get(event.id) ?? []), ...event.tokens]);
  }
  return outputs;
}

/** Guesses that are right up to a place that follows from `noise`, and wrong there. */
function guessFrom(truth: ReadonlyMap<string, readonly number[]>, noise: readonly number[]): Guess {
  let at = 0;
  return ({ sequence }, most) => {
    const right = truth.get(sequence.id)?.slice(sequence.generated, sequence.generated + most) ?? [];
    const wrongFrom = noise[at++ % noise.length]!;
    return right.map((token, index) => (index < wrongFrom ? token : token + 1));
  };
}

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    arrivals: fc.array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: 300 }),
        promptTokens: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 }),
        maxTokens: fc.integer({ min: 1, max: 30 }),
        priority: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    slots: fc.integer({ min: 1, max: 6 }),
    maxStepTokens: fc.integer({ min: 10, max: 60 }),
    failingSteps: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 1 }),
  })
  .map(({ arrivals, ...limits }) => {
    let atMs = 0;
    const happenings = arrivals.map(({ gapMs, ...fields }, i): Happening => {
      atMs += gapMs;
      return { atMs, kind: "submit", request: makeRequest({ id: `r${i}`, ...fields }) };
    });
    return { ...SCENARIO, ...limits, happenings };
  });

describe("drafts", () => {
  it.each(POLICIES.map(({ name }) => name))("change no token, whether they are right or wrong, under %s", (name) => {
    fc.assert(
      fc.property(
        scenarios,
        fc.constantFrom(...ORDER_NAMES),
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 7 }),
        (scenario, order, noise) => {
          const plain = { ...scenario, failingSteps: [] };
          const truth = outputsOf(play(plain, policyOf(name, scenario.slots), findOrder(order).create()));
          const policy = drafting(policyOf(name, scenario.slots), guessFrom(truth, noise));
          checkTrace(play(scenario, policy, findOrder(order).create()));
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  const submit = (fields: Parameters<typeof makeRequest>[0]): Happening => ({
    atMs: 0,
    kind: "submit",
    request: makeRequest(fields),
  });
  const happenings = [submit({ id: "a", maxTokens: 13 })];
  const alone = () => play({ ...SCENARIO, happenings }, policyOf("continuous", 4), findOrder("fcfs").create());
  const drafted = (noise: readonly number[], width: number, changed = happenings) => {
    const guess = guessFrom(outputsOf(alone()), noise);
    const policy = drafting(policyOf("continuous", 4), (plan, most) => guess(plan, Math.min(most, width)));
    return play({ ...SCENARIO, happenings: changed }, policy, findOrder("fcfs").create());
  };

  it("that are right save steps", () => {
    expect(alone().steps).toHaveLength(13);
    const trace = drafted([99], 3);
    checkTrace(trace);
    expect(trace.steps).toHaveLength(4); // 4 + 4 + 4 + 1
    expect(trace.scheduler.counters).toMatchObject({ generatedTokens: 13, stepTokens: 3 + 3 + 4 + 4 + 1 });
  });

  it("that are wrong cost their computation and nothing else", () => {
    const trace = drafted([0], 3);
    checkTrace(trace);
    expect(trace.steps).toHaveLength(13);
  });

  it("end with a stop token, whatever was guessed after it", () => {
    const tokens = outputsOf(alone()).get("a")!;
    const { sampling } = makeRequest({ id: "" });
    const stop = { ...sampling, stopTokenIds: [tokens[5]!] };
    const trace = drafted([99], 4, [submit({ id: "a", maxTokens: 13, sampling: stop })]);
    expect(outputsOf(trace).get("a")).toEqual(tokens.slice(0, 6));
    expect(trace.events.at(-1)).toMatchObject({ type: "finished", reason: "stop", completionTokens: 6 });
  });

  it("that the engine or the request has no room for end the requests with policy_failed", () => {
    const reckless = { ...policyOf("continuous", 4) };
    const guess = ({ running }: SchedulerView) =>
      running.map((sequence) => ({ sequence, count: sequence.pending, draft: Array(13).fill(1) }));
    const trace = play({ ...SCENARIO, happenings }, { ...reckless, rows: guess }, findOrder("fcfs").create());
    expect(trace.events.at(-1)).toMatchObject({ type: "failed", error: { code: "policy_failed" } });
  });
});
