import { VirtualClock } from "../clock.js";
import { SimulatedEngine } from "../engine/simulated/engine.js";
import { SluiceError } from "../errors.js";
import { Random } from "../random.js";
import type { Cells } from "../scheduler/cells/cells.js";
import type { DenseOptions } from "../scheduler/cells/dense.js";
import { type Outside, turn } from "../scheduler/crank.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { Order } from "../scheduler/order.js";
import type { Policy } from "../scheduler/policy.js";
import { DEFAULT_SAMPLING, type Request } from "../scheduler/request.js";
import { Scheduler } from "../scheduler/scheduler.js";
import { DEFAULT_SCHEDULER } from "../scheduler/settings.js";
import type { Step, StepOutcome } from "../scheduler/step.js";

/** Something that happens to a scheduler from outside. */
export type Happening =
  | { readonly atMs: number; readonly kind: "submit"; readonly request: Request }
  | { readonly atMs: number; readonly kind: "cancel"; readonly id: string }
  | { readonly atMs: number; readonly kind: "flush" };

/** A piece of traffic on a machine, in virtual time. */
export interface Scenario {
  readonly slots: number;
  readonly contextSize: number;
  readonly maxStepTokens: number;
  readonly ageAfterMs: number;
  readonly maxNumQueuedReqs: number;
  readonly compactSlots: boolean;
  /** Sorted by time. */
  readonly happenings: readonly Happening[];
  /** Steps (by number, from 0) that the engine fails to run. */
  readonly failingSteps: readonly number[];
  /** Requests (by id) whose second token cannot be chosen. */
  readonly failingRequests?: readonly string[];
  /** How the machine's memory is shared out; a slot of its own for each sequence unless given. */
  readonly cells?: (options: DenseOptions) => Cells;
}

/** A step as it was run. */
export interface TracedStep {
  readonly atMs: number;
  readonly step: Step;
  /** How many cells of each row count; undefined: the step failed. */
  readonly computed: readonly number[] | undefined;
}

/** Everything that was seen from outside. */
export interface Trace {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly steps: readonly TracedStep[];
  readonly events: readonly SchedulerEvent[];
  /** When the scheduler heard of each request: between two steps. */
  readonly arrivalsMs: ReadonlyMap<string, number>;
  readonly scheduler: Scheduler;
}

/** No scenario of the generator comes near this many steps: one that does hangs. */
const MAX_TURNS = 200_000;

/**
 * Plays a scenario to its end in virtual time and drains the scheduler.
 *
 * @throws SluiceError `policy_failed` when it does not come to an end
 */
export function play(scenario: Scenario, policy: Policy, order: Order): Trace {
  const clock = new VirtualClock();
  const { slots, contextSize, maxStepTokens } = scenario;
  const engine = new SimulatedEngine({ clock, slots, contextSize, maxStepTokens });
  const cells = scenario.cells?.({ ...scenario, reusesPrefixes: policy.reusesPrefixes });
  const { maxDraftTokens } = engine.info;
  const parts = { ...DEFAULT_SCHEDULER, ...scenario, maxDraftTokens, policy, order, cells };
  const scheduler = new Scheduler(parts, clock.nowMs());
  const steps: TracedStep[] = [];
  const traced = {
    run(step: Step): StepOutcome {
      const atMs = clock.nowMs();
      if (scenario.failingSteps.includes(steps.length)) {
        steps.push({ atMs, step, computed: undefined });
        throw new SluiceError("engine_failed", "a step that fails");
      }
      const outcome = failRows(step, engine.run(step), scenario.failingRequests ?? []);
      steps.push({ atMs, step, computed: outcome.rows.map(({ computed }) => computed) });
      return outcome;
    },
  };
  const outside = new ScriptedOutside(scenario.happenings, clock);
  for (let turns = 0; turn(scheduler, traced, clock, outside); turns++) {
    if (turns > MAX_TURNS) throw new SluiceError("policy_failed", `no end after ${MAX_TURNS} turns`);
  }
  return { scenario, policy, steps, events: outside.events, arrivalsMs: outside.arrivalsMs, scheduler };
}

function failRows({ rows }: Step, outcome: StepOutcome, failing: readonly string[]): StepOutcome {
  if (failing.length === 0) return outcome;
  const failed = outcome.rows.map((row, i) => {
    const { sample, sequence } = rows[i]!;
    if (!sample || sequence.generated < 1 || !failing.includes(sequence.id)) return row;
    return { samples: [], computed: rows[i]!.count, error: new SluiceError("engine_failed", "a row that fails") };
  });
  return { ...outcome, rows: failed };
}

/** Lets the happenings come at their times; when nothing else will come, the scheduler drains. */
class ScriptedOutside implements Outside {
  readonly events: SchedulerEvent[] = [];
  readonly arrivalsMs = new Map<string, number>();
  #next = 0;

  constructor(
    private readonly happenings: readonly Happening[],
    private readonly clock: VirtualClock,
  ) {}

  deliver(scheduler: Scheduler, nowMs: number): void {
    for (; (this.happenings[this.#next]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs; this.#next++) {
      const happening = this.happenings[this.#next]!;
      if (happening.kind === "submit") {
        this.arrivalsMs.set(happening.request.id, nowMs);
        scheduler.submit(happening.request, nowMs);
      } else if (happening.kind === "cancel") scheduler.cancel(happening.id, nowMs);
      else scheduler.flush();
    }
    if (this.#next === this.happenings.length) scheduler.drain();
  }

  publish(events: readonly SchedulerEvent[]): void {
    this.events.push(...events);
  }

  wait(untilMs: number): boolean {
    const nextMs = Math.min(untilMs, this.happenings[this.#next]?.atMs ?? Number.POSITIVE_INFINITY);
    if (nextMs === Number.POSITIVE_INFINITY) return false;
    this.clock.advanceTo(nextMs);
    return true;
  }
}

/** A request with every field filled in. */
export function makeRequest(fields: Partial<Request> & { readonly id: string }): Request {
  return {
    promptTokens: [1, 2, 3],
    maxTokens: 4,
    sampling: { ...DEFAULT_SAMPLING, temperature: 0 },
    priority: 0,
    user: "",
    deadlineMs: Number.POSITIVE_INFINITY,
    ...fields,
  };
}

export interface Traffic {
  readonly requests: number;
  readonly slots: number;
  readonly meanGapMs: number;
  /** Share of requests that are cancelled at a random moment. */
  readonly cancelShare: number;
  /** Share of requests with a deadline. */
  readonly deadlineShare: number;
  readonly failingSteps: readonly number[];
  /** Requests (by id) whose second token cannot be chosen. */
  readonly failingRequests?: readonly string[];
}

/** Random traffic: lengths, priorities, users, shared prefixes, cancels and deadlines. The same seed gives the same. */
export function randomScenario(seed: number, traffic: Traffic): Scenario {
  const random = new Random(seed);
  const happenings: Happening[] = [];
  let atMs = 0;
  for (let i = 0; i < traffic.requests; i++) {
    atMs += random.uniform() < 0.3 ? 0 : random.exponential(traffic.meanGapMs);
    const id = `r${i}`;
    const hasDeadline = random.uniform() < traffic.deadlineShare;
    const request = makeRequest({
      id,
      promptTokens: randomPrompt(random),
      maxTokens: random.integer(1, 24),
      priority: random.integer(0, 3),
      user: `u${random.integer(0, 2)}`,
      deadlineMs: hasDeadline ? atMs + random.integer(0, 4000) : Number.POSITIVE_INFINITY,
    });
    happenings.push({ atMs, kind: "submit", request });
    if (random.uniform() < traffic.cancelShare) {
      happenings.push({ atMs: atMs + random.integer(0, 3000), kind: "cancel", id });
    }
  }
  return {
    slots: traffic.slots,
    contextSize: 128,
    maxStepTokens: 64,
    ageAfterMs: 2000,
    maxNumQueuedReqs: 1024,
    compactSlots: random.uniform() < 0.5,
    happenings: happenings.sort((a, b) => a.atMs - b.atMs),
    failingSteps: traffic.failingSteps,
  };
}

/** A long, calm prompt in a high slot, and then more urgent prompts than the steps have room for. */
export function crowdingScenario(): Scenario {
  const crowd = Array.from({ length: 150 }, (_, i) => ({
    id: `crowd${i}`,
    promptTokens: Array.from({ length: 40 }, (_, at) => 1000 * i + at),
    maxTokens: 1 + (i % 3),
    user: `u${i}`,
    deadlineMs: 1e6 + i,
  }));
  const first = { id: "first", promptTokens: [1, 2, 3, 4, 5], maxTokens: 2 };
  const long = {
    id: "long",
    promptTokens: Array.from({ length: 200 }, (_, at) => 500 + at),
    maxTokens: 40,
    priority: 3,
  };
  return {
    slots: 3,
    contextSize: 256,
    maxStepTokens: 20,
    ageAfterMs: 400,
    maxNumQueuedReqs: 1024,
    compactSlots: true,
    happenings: [first, long, ...crowd].map((fields, i) => ({
      atMs: 30 * Math.max(0, i - 1),
      kind: "submit",
      request: makeRequest(fields),
    })),
    failingSteps: [],
  };
}

/** A third begin with one of two long prefixes. */
function randomPrompt(random: Random): number[] {
  const own = Array.from({ length: random.integer(1, 40) }, () => random.integer(10, 1000));
  const kind = random.integer(0, 5);
  return kind < 2 ? [...Array.from({ length: 24 }, (_, i) => 2000 + kind * 100 + i), ...own] : own;
}
