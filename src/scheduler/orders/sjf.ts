import type { OrderDefinition } from "../order.js";

/** Short jobs first, by buckets of `maxTokens` that double: 1, 2, 3–4, 5–8, … Within a bucket by arrival. */
export const sjf: OrderDefinition = {
  name: "sjf",
  summary: "short jobs first, in buckets of max_tokens that double",
  create: () => ({
    name: "sjf",
    preempts: false,
    rank: ({ request }) => Math.ceil(Math.log2(request.maxTokens)),
  }),
};
