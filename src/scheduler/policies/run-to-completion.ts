import { flag } from "../../options.js";
import type { Policy, SchedulerView, Start, WaitUntil } from "../policy.js";
import { promptsThenTokens } from "../rows.js";

/** The option that every run-to-completion policy has. */
export const padToLongest = flag(
  true,
  "compute every row until the longest row of the batch ends, as model.generate does",
);

/**
 * A batch that starts together, runs until its last row ends and is delivered then. Such policies differ only in when a
 * batch starts.
 */
export function runToCompletion(parts: {
  maxSequences: number;
  padToLongest: boolean;
  mayStart(view: SchedulerView, nowMs: number): Start | WaitUntil;
  batchEnded?(view: SchedulerView): void;
}): Policy {
  return { ...parts, admitsWhileRunning: false, delivery: "batch-end", reusesPrefixes: false, rows: promptsThenTokens };
}

/** Starts when `size` requests wait, when they are flushed, or at `deadlineMs`; at most `size` at a time. */
export function whenFullOrAt(size: number, deadlineMs: number, view: SchedulerView, nowMs: number): Start | WaitUntil {
  const due = view.waiting >= size || view.flushing || nowMs >= deadlineMs;
  return due ? { start: size } : { waitUntilMs: deadlineMs };
}
