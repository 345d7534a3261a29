import type { OrderDefinition } from "../order.js";

/** First come, first served. */
export const fcfs: OrderDefinition = {
  name: "fcfs",
  summary: "first come, first served",
  create: () => ({ name: "fcfs", preempts: false, rank: () => 0 }),
};
