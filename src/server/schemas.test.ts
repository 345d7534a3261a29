import { expect, it } from "vitest";
import { completions } from "./endpoints/completions.js";
import { detokenize } from "./endpoints/tokenize.js";

const MANY = 50_000;

it.each([
  ["tokens", detokenize, { tokens: Array.from({ length: MANY }, () => -1) }],
  ["a prompt", completions, { prompt: Array.from({ length: MANY }, () => 0.5) }],
  ["biases", completions, { prompt: "a", logit_bias: Object.fromEntries(Array(MANY).entries()) }],
] as const)("a body full of wrong values makes few complaints: %s", (_what, { body: schema }, body) => {
  const error = schema?.safeParse(body).error;
  expect(error?.issues.length).toBeGreaterThan(0);
  expect(error?.issues.length).toBeLessThanOrEqual(100);
});
