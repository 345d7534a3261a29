import type { RowPlan, SchedulerView } from "./policy.js";
import type { Sequence } from "./request.js";

/** The usual ways to fill a step. */

/** Pending tokens of these sequences, in their order, until the budget is spent: long prompts are cut into chunks. */
export function withinBudget(sequences: readonly Sequence[], budgetTokens: number): RowPlan[] {
  const rows: RowPlan[] = [];
  let left = budgetTokens;
  for (const sequence of sequences) {
    if (left === 0) break;
    const count = Math.min(sequence.pending, left);
    rows.push({ sequence, count });
    left -= count;
  }
  return rows;
}

/** All prompts first, then one token of every sequence a step: how a batch runs to completion. */
export function promptsThenTokens(view: SchedulerView): RowPlan[] {
  const prompts = view.running.filter((sequence) => !sequence.decoding);
  return withinBudget(prompts.length > 0 ? prompts : view.running, view.maxStepTokens);
}

/** One token of every decoding sequence, and prompts with what the budget has left. */
export function tokensWithPrompts(view: SchedulerView, budgetTokens: number): RowPlan[] {
  const decoding = view.running.filter((sequence) => sequence.decoding);
  const prompts = view.running.filter((sequence) => !sequence.decoding);
  return withinBudget([...decoding, ...prompts], Math.min(budgetTokens, view.maxStepTokens));
}
