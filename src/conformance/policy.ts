/**
 * The conformance suite of policies: what `sluice check FILE` runs on a policy file and the tests run on every policy that
 * comes with Sluice. Traffic is random but seeded, time is virtual.
 */

import { resolveOptions } from "../options.js";
import { findOrder } from "../scheduler/load.js";
import type { Policy, PolicyDefinition } from "../scheduler/policy.js";
import * as invariants from "./invariants.js";
import {
  crowdingScenario,
  makeRequest,
  play,
  randomScenario,
  type Scenario,
  type Trace,
  type Traffic,
} from "./scenario.js";

export interface PolicyCheck {
  readonly name: string;
  /** @throws when the policy breaks the rule */
  run(definition: PolicyDefinition): void;
}

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed + 1);

const TRAFFIC: Traffic = {
  requests: 40,
  slots: 6,
  meanGapMs: 120,
  cancelShare: 0,
  deadlineShare: 0,
  failingSteps: [],
};

/** The policy with its defaults, cut to the slots of a scenario. */
function make(definition: PolicyDefinition, slots: number): Policy {
  const policy = definition.create(resolveOptions(definition.name, definition.options, {}));
  return policy.maxSequences <= slots ? policy : { ...bound(policy), maxSequences: slots };
}

/** A policy may be a class: its methods keep their object. */
function bound(policy: Policy): Policy {
  return {
    maxSequences: policy.maxSequences,
    admitsWhileRunning: policy.admitsWhileRunning,
    delivery: policy.delivery,
    padToLongest: policy.padToLongest,
    reusesPrefixes: policy.reusesPrefixes,
    mayStart: (view, nowMs) => policy.mayStart(view, nowMs),
    rows: (view) => policy.rows(view),
    ...(policy.victim && { victim: (candidates) => policy.victim?.(candidates) }),
    ...(policy.batchEnded && { batchEnded: (view) => policy.batchEnded?.(view) }),
  };
}

function playRandom(definition: PolicyDefinition, seed: number, order: string, traffic: Partial<Traffic> = {}): Trace {
  const scenario = randomScenario(seed, { ...TRAFFIC, ...traffic });
  return play(scenario, make(definition, scenario.slots), findOrder(order).create());
}

export const POLICY_CHECKS: readonly PolicyCheck[] = [
  {
    name: "every request ends once with the tokens it has alone, within slots and token budget",
    run(definition) {
      for (const seed of SEEDS) invariants.checkTrace(playRandom(definition, seed, "fcfs"));
    },
  },
  {
    name: "the same holds under every order, with preemption",
    run(definition) {
      for (const order of ["sjf", "priority", "edf", "fair"]) {
        for (const seed of SEEDS) {
          invariants.checkTrace(playRandom(definition, seed, order, { deadlineShare: order === "edf" ? 0.5 : 0 }));
        }
      }
    },
  },
  {
    name: "requests of equal rank start by arrival",
    run(definition) {
      for (const order of ["fcfs", "sjf", "priority"]) {
        for (const seed of SEEDS) {
          invariants.equalRanksStartByArrival(playRandom(definition, seed, order), findOrder(order).create());
        }
      }
    },
  },
  {
    name: "once a request has aged, nothing that arrived later starts before it",
    run(definition) {
      for (const order of ["sjf", "priority", "edf", "fair"]) {
        for (const seed of SEEDS) invariants.agedRequestsAreNotOvertaken(playRandom(definition, seed, order));
      }
    },
  },
  {
    name: "what runs is served within the stated bound, however others crowd in",
    run(definition) {
      const scenario = crowdingScenario();
      for (const order of ["fcfs", "sjf", "priority", "edf", "fair"]) {
        invariants.checkTrace(play(scenario, make(definition, scenario.slots), findOrder(order).create()));
      }
    },
  },
  {
    name: "cancelling in any state ends the request and frees its slot",
    run(definition) {
      for (const seed of SEEDS) invariants.checkTrace(playRandom(definition, seed, "fcfs", { cancelShare: 0.5 }));
    },
  },
  {
    name: "deadlines end requests, queued or running",
    run(definition) {
      for (const seed of SEEDS) {
        const trace = playRandom(definition, seed, "edf", { deadlineShare: 0.8 });
        invariants.checkTrace(trace);
        nothingFinishesLate(trace);
      }
    },
  },
  {
    name: "a step that fails takes only its own requests with it",
    run(definition) {
      for (const seed of SEEDS) {
        invariants.checkTrace(playRandom(definition, seed, "fcfs", { failingSteps: [3, 4, 11] }));
      }
    },
  },
  {
    name: "one request alone starts when flushed, and a drain leaves nothing waiting",
    run(definition) {
      const scenario: Scenario = {
        ...randomScenario(1, { ...TRAFFIC, requests: 0 }),
        happenings: [
          { atMs: 0, kind: "submit", request: makeRequest({ id: "alone" }) },
          { atMs: 1, kind: "flush" },
          { atMs: 100_000, kind: "submit", request: makeRequest({ id: "after" }) },
        ],
      };
      const trace = play(scenario, make(definition, scenario.slots), findOrder("fcfs").create());
      invariants.checkTrace(trace);
      const started = trace.events.find((event) => event.type === "started");
      if (started?.nowMs !== 0 && started?.nowMs !== 1)
        throw new Error(`the flushed request started at ${started?.nowMs}`);
    },
  },
];

/** A request's tokens come by its deadline, up to the step (or the padded batch) that ran when it passed. */
function nothingFinishesLate(trace: Trace): void {
  if (trace.policy.delivery === "batch-end") return;
  const deadlines = new Map<string, number>();
  for (const happening of trace.scenario.happenings) {
    if (happening.kind === "submit") deadlines.set(happening.request.id, happening.request.deadlineMs);
  }
  for (const { type, id, nowMs } of trace.events) {
    const beganMs = trace.steps.findLast((step) => step.atMs < nowMs)?.atMs ?? 0;
    if (type === "tokens" && beganMs > deadlines.get(id)!)
      throw new Error(`${id} got tokens at ${nowMs}, past its deadline`);
  }
}
