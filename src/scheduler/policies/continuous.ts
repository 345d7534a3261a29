import { batchLimit, count, flag, milliseconds } from "../../options.js";
import { definePolicy, type RowPlan, type SchedulerView, type WaitUntil } from "../policy.js";
import { tokensWithPrompts, withinBudget } from "../rows.js";

/**
 * Iteration-level scheduling: requests join at every step and leave as soon as they end.
 *
 * A step of prompts and a step of single tokens cost together what one mixed step costs, so they take turns: a prompt's
 * first token then waits for its prompt alone and not for everybody's next token.
 */
export const continuous = definePolicy({
  name: "continuous",
  summary: "requests join at every step and leave at once; chunked prompts, preemption, prefix reuse",
  options: {
    maxNumSeqs: batchLimit(32, 256, "most sequences at once"),
    maxNumBatchedTokens: count(2048, 1, 65_536, "most tokens in a step; longer prompts are cut into chunks"),
    mixedSteps: flag(false, "compute prompts and single tokens in the same step instead of in turns"),
    lingerMs: milliseconds(
      12,
      "when nothing runs, the longest that a request waits for others that come one after another",
    ),
    prefixReuse: flag(true, "copy the cells of a shared prefix instead of computing it again"),
  },
  create: ({ maxNumSeqs, maxNumBatchedTokens, mixedSteps, lingerMs, prefixReuse }) => {
    const turns = takeTurns(maxNumBatchedTokens);
    let ranTogether = Number.POSITIVE_INFINITY; // nothing is known yet: the very first lingers too
    return {
      maxSequences: maxNumSeqs,
      admitsWhileRunning: true,
      delivery: "stream",
      padToLongest: false,
      reusesPrefixes: prefixReuse,
      mayStart: (view, nowMs) => {
        if (view.running.length > 0) return { start: maxNumSeqs - view.running.length };
        const wait = linger(view, nowMs, ranTogether, lingerMs);
        if (wait === undefined) ranTogether = 0;
        return wait ?? { start: maxNumSeqs };
      },
      rows: (view) => {
        ranTogether = Math.max(ranTogether, view.running.length);
        return mixedSteps ? tokensWithPrompts(view, maxNumBatchedTokens) : turns(view);
      },
      victim: (candidates) => candidates[0],
    };
  },
  refuse: ({ maxNumSeqs, maxNumBatchedTokens }) =>
    maxNumBatchedTokens < maxNumSeqs
      ? `maxNumBatchedTokens ${maxNumBatchedTokens} < maxNumSeqs ${maxNumSeqs}: not every sequence could get a token a step`
      : undefined,
});

/** Requests of one burst follow each other faster than this. */
const BURST_GAP_MS = 1.5;

/**
 * Clients that were idle together often come back together: those whose requests ended in the same step, or a batch job's.
 * Starting with the first of them would leave it a step ahead of the others, and the compute threads would take the cores
 * from the thread that still reads the others' requests. So while requests keep coming, they are waited for, when nothing
 * runs and more ran together before the last pause.
 */
function linger(view: SchedulerView, nowMs: number, ranTogether: number, lingerMs: number): WaitUntil | undefined {
  const untilMs = Math.min(view.oldestArrivalMs + lingerMs, view.newestArrivalMs + BURST_GAP_MS);
  return view.waiting < ranTogether && !view.flushing && nowMs < untilMs ? { waitUntilMs: untilMs } : undefined;
}

/** A step of prompts, then a step of single tokens, so that neither starves the other. */
function takeTurns(maxNumBatchedTokens: number): (view: SchedulerView) => RowPlan[] {
  let promptsWereLast = false;
  return ({ running, maxStepTokens }) => {
    const prompts = running.filter((sequence) => !sequence.decoding);
    const decoding = running.filter((sequence) => sequence.decoding);
    promptsWereLast = prompts.length > 0 && (decoding.length === 0 || !promptsWereLast);
    return withinBudget(promptsWereLast ? prompts : decoding, Math.min(maxNumBatchedTokens, maxStepTokens));
  };
}
