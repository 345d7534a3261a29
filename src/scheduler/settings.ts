import type { OptionValue } from "./options.js";

/** Which scheduler to make: plain data that can cross a message port. */
export interface SchedulerSettings {
  /** A name from the registry, or the path of a policy file. */
  policy: string;
  policyOptions: Readonly<Record<string, OptionValue>>;
  order: string;
  /** A request that has waited this long goes before every request that arrived later. */
  ageAfterMs: number;
  /** The most requests that may wait. */
  maxNumQueuedReqs: number;
  /** The most prompt tokens that may wait. */
  maxNumQueuedTokens: number;
  /** Move sequences into gaps between running slots, which would split every step. */
  compactSlots: boolean;
}

/** The one place of these defaults. */
export const DEFAULT_SCHEDULER: Readonly<SchedulerSettings> = {
  policy: "continuous",
  policyOptions: {},
  order: "fcfs",
  ageAfterMs: 10_000,
  maxNumQueuedReqs: 1024,
  maxNumQueuedTokens: Number.POSITIVE_INFINITY,
  compactSlots: true,
};
