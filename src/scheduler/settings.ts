import {
  choice,
  count,
  defaultsOf,
  flag,
  milliseconds,
  type OptionValue,
  type OptionValues,
  text,
} from "../options.js";
import { ORDERS } from "./orders/registry.js";

/** What can be set of a scheduler besides its policy's own options: the one place of names, defaults, ranges and help. */
export const SCHEDULER_OPTIONS = {
  policy: { ...text("continuous", "a scheduler, or the path of a policy file"), flag: "scheduler", argument: "name" },
  order: {
    ...choice(
      "fcfs",
      ORDERS.map(({ name }) => name),
      "who is next",
    ),
    argument: "order",
  },
  ageAfterMs: {
    ...milliseconds(10_000, "a request that waited so long goes before every request that arrived later"),
    max: Number.POSITIVE_INFINITY,
    argument: "ms",
  },
  maxNumQueuedReqs: count(1024, 1, Number.MAX_SAFE_INTEGER, "most requests that wait"),
  maxNumQueuedTokens: count(Number.POSITIVE_INFINITY, 1, Number.MAX_SAFE_INTEGER, "most prompt tokens that wait"),
  compactSlots: flag(true, "move sequences into gaps between running slots, which would split every step"),
} as const;

/** Which scheduler to make: plain data that can cross a message port. */
export interface SchedulerSettings extends OptionValues<typeof SCHEDULER_OPTIONS> {
  readonly policyOptions: Readonly<Record<string, OptionValue>>;
}

export const DEFAULT_SCHEDULER: Readonly<SchedulerSettings> = { ...defaultsOf(SCHEDULER_OPTIONS), policyOptions: {} };
