import type { OrderDefinition } from "../order.js";

/** The request's own priority; lower goes first, as in vLLM. */
export const priority: OrderDefinition = {
  name: "priority",
  summary: "the request's priority, lower first; may preempt",
  create: () => ({ name: "priority", preempts: true, rank: ({ request }) => request.priority }),
};
