import { SluiceError } from "../errors.js";
import type { Policy, RowPlan, SchedulerView } from "./policy.js";
import type { Sequence } from "./request.js";
import type { Row } from "./step.js";

const NO_DRAFT: readonly number[] = [];

/** The row without its guesses: what they would cost is not worth anybody's cells. */
export function withoutDraft(row: Row): Row {
  return { ...row, draft: NO_DRAFT, last: row.last && row.draft.length === 0 };
}

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
  const chosen = policy.rows({ ...view, maxStepTokens }).map((plan) => rowOf(plan, view.maxDraftTokens));
  check(chosen, maxStepTokens);
  return [...chosen, ...padding].sort((a, b) => a.slot - b.slot);
}

function paddingRow(sequence: Sequence): Row {
  const { slot, computed } = sequence;
  return { sequence, slot, start: computed, count: 1, sample: false, draft: NO_DRAFT, last: false, padding: true };
}

function rowOf({ sequence, count, draft = NO_DRAFT }: RowPlan, maxDraftTokens: number): Row {
  const { state, pending, slot, computed, generated, request } = sequence;
  if (state !== "running" || !(count >= 1 && count <= pending)) {
    throw new SluiceError(
      "policy_failed",
      `the policy chose ${count} tokens of a ${state} sequence with ${pending} to do`,
    );
  }
  const sample = count === pending;
  const samples = generated + draft.length + 1;
  if (draft.length > 0 && (!sample || draft.length > maxDraftTokens || samples > request.maxTokens)) {
    const allowed = sample ? Math.min(maxDraftTokens, request.maxTokens - generated - 1) : 0;
    throw new SluiceError("policy_failed", `the policy guessed ${draft.length} tokens where ${allowed} may be guessed`);
  }
  const last = sample && samples === request.maxTokens;
  return { sequence, slot, start: computed, count, sample, draft, last, padding: false };
}

function check(chosen: readonly Row[], maxStepTokens: number): void {
  if (chosen.length === 0) throw new SluiceError("policy_failed", "the policy chose no rows although sequences run");
  if (new Set(chosen.map(({ slot }) => slot)).size < chosen.length) {
    throw new SluiceError("policy_failed", "the policy chose a sequence twice in one step");
  }
  const tokens = chosen.reduce((sum, { count, draft }) => sum + count + draft.length, 0);
  if (tokens > maxStepTokens) {
    throw new SluiceError("policy_failed", `the policy chose ${tokens} tokens for a step of ${maxStepTokens}`);
  }
}
