import type { Clock } from "../clock.js";
import { SluiceError } from "../errors.js";
import type { SchedulerEvent } from "./events.js";
import type { Scheduler } from "./scheduler.js";
import type { Step, StepOutcome } from "./step.js";

/** What the crank needs of an engine. */
export interface StepRunner {
  run(step: Step): StepOutcome;
}

/** Where requests come from and events go: a message port in the engine host, a workload in a simulation. */
export interface Outside {
  /** Submits, cancels and flushes what has come in by now. */
  deliver(scheduler: Scheduler, nowMs: number): void;
  /** What became of the requests. Not called with an empty list. */
  publish(events: readonly SchedulerEvent[]): void;
  /** Waits until something comes in, at most until `untilMs`. @returns false when nothing will ever come */
  wait(untilMs: number): boolean;
}

/** Told around every step; the engine host measures its gaps with it. */
export interface StepObserver {
  stepBegins(nowMs: number): void;
  stepEnded(nowMs: number): void;
  waits(): void;
}

/** One turn: take in what came, decide, run, commit, hand out what happened. @returns false when all is over */
export function turn(
  scheduler: Scheduler,
  engine: StepRunner,
  clock: Clock,
  outside: Outside,
  observer?: StepObserver,
): boolean {
  outside.deliver(scheduler, clock.nowMs());
  const decision = decide(scheduler, clock);
  if (decision.kind === "step") {
    observer?.stepBegins(clock.nowMs());
    runStep(scheduler, engine, clock, decision.step);
    observer?.stepEnded(clock.nowMs());
  }
  const events = scheduler.takeEvents();
  if (events.length > 0) outside.publish(events);
  if (decision.kind === "step") return true;
  observer?.waits();
  return outside.wait(decision.kind === "wait" ? decision.untilMs : Number.POSITIVE_INFINITY);
}

/** A policy that fails ends the requests that it has, not the crank. */
function decide(scheduler: Scheduler, clock: Clock): ReturnType<Scheduler["next"]> {
  try {
    return scheduler.next(clock.nowMs());
  } catch (error) {
    scheduler.abort(SluiceError.from(error, "policy_failed"), clock.nowMs());
    return { kind: "idle" };
  }
}

function runStep(scheduler: Scheduler, engine: StepRunner, clock: Clock, step: Step): void {
  let outcome: StepOutcome;
  try {
    outcome = engine.run(step);
  } catch (error) {
    scheduler.fail(step, SluiceError.from(error, "engine_failed"), clock.nowMs());
    return;
  }
  scheduler.commit(step, outcome, clock.nowMs());
}
