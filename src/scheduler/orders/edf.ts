import type { OrderDefinition } from "../order.js";

/** Earliest deadline first; requests without one come last. */
export const edf: OrderDefinition = {
  name: "edf",
  summary: "earliest deadline first; may preempt",
  create: () => ({ name: "edf", preempts: true, rank: ({ request }) => request.deadlineMs }),
};
