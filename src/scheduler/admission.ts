/** What the policy and the order say about who starts, held against what can be. */
import { SluiceError } from "../errors.js";
import type { Order } from "./order.js";
import type { Policy, SchedulerView, Start, WaitUntil } from "./policy.js";
import type { Sequence } from "./request.js";

/**
 * Asks the policy how many may start, or when to ask again.
 *
 * @throws SluiceError `policy_failed` when its answer cannot be carried out
 */
export function askToStart(policy: Policy, view: SchedulerView, nowMs: number): Start | WaitUntil {
  const answer = policy.mayStart(view, nowMs);
  const running = view.running.length;
  if ("waitUntilMs" in answer) {
    if (answer.waitUntilMs > nowMs) return answer;
    const message = `the policy waits until ${answer.waitUntilMs}, which has passed (${nowMs})`;
    throw new SluiceError("policy_failed", message);
  }
  if (!(answer.start >= (running === 0 ? 1 : 0))) {
    throw new SluiceError("policy_failed", `the policy starts ${answer.start} requests while ${running} run`);
  }
  return { start: Math.min(answer.start, policy.maxSequences - running) };
}

/**
 * Who loses its cells to a more urgent request: the policy's choice of those that run and are less urgent.
 *
 * @param mayLose those that may be asked to
 * @throws SluiceError `policy_failed` when the policy chooses somebody else
 */
export function victimFor(
  candidate: Sequence,
  mayLose: readonly Sequence[],
  policy: Policy,
  order: Order,
): Sequence | undefined {
  if (policy.victim === undefined || !order.preempts) return undefined;
  const rank = order.rank(candidate);
  const candidates = mayLose
    .filter((running) => order.rank(running) > rank)
    .sort((a, b) => order.rank(b) - order.rank(a) || b.serial - a.serial);
  if (candidates.length === 0) return undefined;
  const victim = policy.victim(candidates);
  if (victim === undefined || candidates.includes(victim)) return victim;
  throw new SluiceError("policy_failed", "the policy's victim is not a candidate");
}
