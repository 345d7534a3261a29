import { SluiceError } from "../errors.js";
import type { Policy, RowPlan, SchedulerView } from "./policy.js";
import type { Sequence } from "./request.js";
import type { Row } from "./step.js";

/**
 * The rows of the next step: those that the policy chose, and padding, as far as it leaves a token for each that runs.
 *
 * @param padded sequences that have ended and are computed on
 * @throws SluiceError `policy_failed` when the policy's choice cannot be carried out
 */
export function planRows(policy: Policy, view: SchedulerView, padded: readonly Sequence[], contextSize: number): Row[] {
  const mostPadding = Math.max(0, view.maxStepTokens - view.running.length);
  const padding = padded
    .filter(({ computed }) => computed < contextSize)
    .slice(0, mostPadding)
    .map(paddingRow);
  const maxStepTokens = view.maxStepTokens - padding.length;
  const chosen = policy.rows({ ...view, maxStepTokens }).map(rowOf);
  check(chosen, maxStepTokens);
  return [...chosen, ...padding].sort((a, b) => a.slot - b.slot);
}

function paddingRow(sequence: Sequence): Row {
  const { slot, computed } = sequence;
  return { sequence, slot, start: computed, count: 1, sample: false, last: false, padding: true };
}

function rowOf({ sequence, count }: RowPlan): Row {
  const { state, pending, slot, computed, generated, request } = sequence;
  if (state !== "running" || !(count >= 1 && count <= pending)) {
    throw new SluiceError(
      "policy_failed",
      `the policy chose ${count} tokens of a ${state} sequence with ${pending} to do`,
    );
  }
  const sample = count === pending;
  const last = sample && generated + 1 === request.maxTokens;
  return { sequence, slot, start: computed, count, sample, last, padding: false };
}

function check(chosen: readonly Row[], maxStepTokens: number): void {
  if (chosen.length === 0) throw new SluiceError("policy_failed", "the policy chose no rows although sequences run");
  if (new Set(chosen.map(({ slot }) => slot)).size < chosen.length) {
    throw new SluiceError("policy_failed", "the policy chose a sequence twice in one step");
  }
  const tokens = chosen.reduce((sum, { count }) => sum + count, 0);
  if (tokens > maxStepTokens) {
    throw new SluiceError("policy_failed", `the policy chose ${tokens} tokens for a step of ${maxStepTokens}`);
  }
}
