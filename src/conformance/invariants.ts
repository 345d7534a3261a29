/**
 * What must be true of every run of every policy under every order. Each check throws with the request or step at fault;
 * a trace that passes them all lost nothing, ran nothing twice and kept within its limits.
 */
import type { SchedulerEvent } from "../scheduler/events.js";
import type { Order } from "../scheduler/order.js";
import { fcfs } from "../scheduler/orders/fcfs.js";
import { sequential } from "../scheduler/policies/sequential.js";
import { type Request, Sequence } from "../scheduler/request.js";
import { makeRequest, play, type Scenario, type Trace } from "./scenario.js";

export function checkTrace(trace: Trace): void {
  everyRequestEndsOnce(trace);
  thePolicyNeverFails(trace);
  outputsAreWhatTheyAreAlone(trace);
  stepsKeepWithinLimits(trace);
  slotsHoldWhatRowsContinue(trace);
  whatRunsIsServed(trace);
  eventsComeInOrder(trace);
  nothingIsLeft(trace);
}

/** Every submitted request has exactly one last event. */
export function everyRequestEndsOnce(trace: Trace): void {
  const ends = new Map<string, number>();
  for (const event of trace.events) {
    if (event.type === "finished" || event.type === "failed") ends.set(event.id, (ends.get(event.id) ?? 0) + 1);
  }
  for (const { id } of submitted(trace.scenario)) {
    if (ends.get(id) !== 1) throw new Error(`${id} ended ${ends.get(id) ?? 0} times`);
  }
}

/** The scheduler could carry out everything that the policy asked for. */
export function thePolicyNeverFails({ events }: Trace): void {
  for (const event of events) {
    if (event.type === "failed" && event.error.code === "policy_failed") throw new Error(event.error.message);
  }
}

/** Neither company, nor chunks, nor preemption, nor a copied prefix change a token; none is lost or repeated. */
export function outputsAreWhatTheyAreAlone(trace: Trace): void {
  const requests = new Map(submitted(trace.scenario).map((request) => [request.id, request]));
  const outputs = outputsOf(trace.events);
  for (const event of trace.events) {
    if (event.type !== "finished") continue;
    const output = outputs.get(event.id) ?? [];
    const request = requests.get(event.id)!;
    const alone = outputAlone(request, trace.scenario);
    if (output.join() !== alone.join())
      throw new Error(`${event.id} gave ${output.length} tokens that differ from ${alone.length} alone`);
    if (event.completionTokens !== output.length)
      throw new Error(`${event.id} counts ${event.completionTokens} tokens`);
    if (event.reason === "length" && output.length !== request.maxTokens) throw new Error(`${event.id} ended early`);
  }
}

/** Slots, sequences and tokens of a step never exceed what there is. */
export function stepsKeepWithinLimits({ steps, scenario, policy }: Trace): void {
  for (const { atMs, step } of steps) {
    const slots = step.rows.map((row) => row.slot);
    const tokens = step.rows.reduce((sum, row) => sum + row.count + row.draft.length, 0);
    if (slots.some((slot, i) => slot >= scenario.slots || slot <= (slots[i - 1] ?? -1)))
      throw new Error(`slots ${slots} at ${atMs}`);
    if (step.rows.length === 0) throw new Error(`an empty step at ${atMs}`);
    if (step.rows.length > policy.maxSequences) throw new Error(`${step.rows.length} rows at ${atMs}`);
    if (tokens > scenario.maxStepTokens) throw new Error(`${tokens} tokens in the step at ${atMs}`);
  }
}

/**
 * Replays the slot changes on lists of tokens: every row must continue exactly the cells that its slot holds, so that no
 * token is computed twice or left out and no slot keeps anything of its former sequence.
 */
export function slotsHoldWhatRowsContinue({ steps, scenario }: Trace): void {
  const cells: number[][] = Array.from({ length: scenario.slots }, () => []);
  for (const { atMs, step, computed } of steps) {
    for (const change of step.slotChanges) {
      if (change.kind === "trim") cells[change.slot]!.length = Math.min(cells[change.slot]!.length, change.keep);
      else cells[change.to] = cells[change.from]!.slice(0, change.kind === "copy" ? change.keep : undefined);
      if (change.kind === "move") cells[change.from] = [];
    }
    if (computed === undefined) continue;
    for (const [index, { sequence, slot, start, padding }] of step.rows.entries()) {
      const known = padding ? cells[slot]! : sequence.tokens.slice(0, start);
      if (cells[slot]!.length !== start)
        throw new Error(`${sequence.id} starts at ${start}, slot ${slot} holds ${cells[slot]!.length} (at ${atMs})`);
      if (cells[slot]!.join() !== known.join())
        throw new Error(`slot ${slot} holds other cells than ${sequence.id}'s (at ${atMs})`);
      cells[slot]!.push(...(padding ? [-1] : sequence.tokens.slice(start, start + computed[index]!)));
    }
  }
}

/**
 * The stated bound on the time between two rows of a running sequence: `ageAfterMs`, and then one step for each sequence
 * that runs.
 */
export function whatRunsIsServed({ steps, events, scenario, policy }: Trace): void {
  /** Running sequences: since when they wait for a row, and the steps that went past them after the bound. */
  const waits = new Map<string, { sinceMs: number; passed: number }>();
  let next = 0;
  for (const { atMs, step } of steps) {
    for (; next < events.length && events[next]!.nowMs <= atMs; next++) {
      const { type, id, nowMs } = events[next]!;
      if (type === "started") waits.set(id, { sinceMs: nowMs, passed: 0 });
      else if (type !== "tokens") waits.delete(id);
    }
    const served = new Set<string>();
    for (const { sequence, padding, last } of step.rows) {
      if (!padding) served.add(sequence.id);
      // Its output may be held back until the batch ends; it has nothing more to compute.
      if (last) waits.delete(sequence.id);
    }
    for (const [id, wait] of waits) {
      if (served.has(id)) waits.set(id, { sinceMs: Number.NaN, passed: 0 });
      else if (Number.isNaN(wait.sinceMs)) wait.sinceMs = atMs;
      else if (atMs - wait.sinceMs >= scenario.ageAfterMs) wait.passed++;
      if (wait.passed > policy.maxSequences) {
        throw new Error(`${id} runs and has had no row from ${wait.sinceMs} to ${atMs}`);
      }
    }
  }
}

/** A request starts before it produces, produces before it ends, and is silent afterwards. */
export function eventsComeInOrder({ events }: Trace): void {
  const running = new Set<string>();
  const ended = new Set<string>();
  let lastMs = 0;
  for (const event of events) {
    if (event.nowMs < lastMs) throw new Error(`time runs backwards at ${event.nowMs}`);
    lastMs = event.nowMs;
    if (ended.has(event.id)) throw new Error(`${event.type} of ${event.id} after its end`);
    if (event.type === "started") running.add(event.id);
    else if (event.type === "preempted") running.delete(event.id);
    else if (event.type !== "failed" && !running.has(event.id))
      throw new Error(`${event.type} of ${event.id} before its start`);
    if (event.type === "finished" || event.type === "failed") ended.add(event.id);
  }
}

/** After the drain there is nothing queued, running or counted as such. */
export function nothingIsLeft({ scheduler }: Trace): void {
  const { counters } = scheduler;
  if (!scheduler.empty || scheduler.waiting > 0 || scheduler.running > 0 || scheduler.waitingTokens !== 0) {
    throw new Error(
      `left: ${scheduler.waiting} waiting with ${scheduler.waitingTokens} tokens, ${scheduler.running} running`,
    );
  }
  if (scheduler.kvUsage !== 0) throw new Error(`cells are still held: ${scheduler.kvUsage}`);
  if (counters.submitted !== counters.finished + counters.failed) throw new Error("counters do not add up");
}

/** Of two requests of equal rank the earlier starts first. For orders whose ranks do not change. */
export function equalRanksStartByArrival(trace: Trace, order: Order): void {
  forEachPairStartedOutOfOrder(trace, (earlier, later) => {
    const rank = (request: Request) => order.rank(new Sequence(request, 0, 0));
    if (rank(earlier.request) === rank(later.request)) {
      throw new Error(`${later.request.id} started before ${earlier.request.id} of the same rank`);
    }
  });
}

/** The stated bound: once a request has waited `ageAfterMs`, nothing that arrived later starts before it. */
export function agedRequestsAreNotOvertaken(trace: Trace): void {
  forEachPairStartedOutOfOrder(trace, (earlier, later) => {
    if (later.startedMs - earlier.arrivalMs >= trace.scenario.ageAfterMs) {
      throw new Error(
        `${later.request.id} overtook ${earlier.request.id}, which had waited ${later.startedMs - earlier.arrivalMs} ms`,
      );
    }
  });
}

interface Start {
  readonly request: Request;
  readonly arrivalMs: number;
  readonly startedMs: number;
  /** Place among all first starts. */
  readonly index: number;
}

function forEachPairStartedOutOfOrder(trace: Trace, visit: (earlier: Start, later: Start) => void): void {
  const firstStarts = new Map<string, { startedMs: number; index: number }>();
  for (const event of trace.events) {
    if (event.type !== "started" || firstStarts.has(event.id)) continue;
    firstStarts.set(event.id, { startedMs: event.nowMs, index: firstStarts.size });
  }
  const starts: Start[] = [];
  for (const happening of trace.scenario.happenings) {
    if (happening.kind !== "submit") continue;
    const start = firstStarts.get(happening.request.id);
    if (start)
      starts.push({ request: happening.request, arrivalMs: trace.arrivalsMs.get(happening.request.id)!, ...start });
  }
  for (const [place, earlier] of starts.entries()) {
    for (const later of starts.slice(place + 1)) if (later.index < earlier.index) visit(earlier, later);
  }
}

function submitted({ happenings }: Scenario): Request[] {
  return happenings.flatMap((happening) => (happening.kind === "submit" ? [happening.request] : []));
}

function outputsOf(events: readonly SchedulerEvent[]): Map<string, number[]> {
  const outputs = new Map<string, number[]>();
  for (const event of events) {
    if (event.type === "tokens") outputs.set(event.id, [...(outputs.get(event.id) ?? []), ...event.tokens]);
  }
  return outputs;
}

/** The same request with the machine to itself, whole prompt in one step. */
function outputAlone(request: Request, scenario: Scenario): number[] {
  const alone = makeRequest({ ...request, deadlineMs: Number.POSITIVE_INFINITY });
  const trace = play(
    {
      ...scenario,
      maxStepTokens: scenario.contextSize,
      happenings: [{ atMs: 0, kind: "submit", request: alone }],
      failingSteps: [],
    },
    sequential.create({}),
    fcfs.create(),
  );
  return outputsOf(trace.events).get(request.id) ?? [];
}
