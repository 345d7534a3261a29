import { expect, it } from "vitest";
import { completionBody, detokenizeBody } from "./schemas.js";

const MANY = 50_000;

it.each([
  ["tokens", detokenizeBody, { tokens: Array.from({ length: MANY }, () => -1) }],
  ["a prompt", completionBody, { prompt: Array.from({ length: MANY }, () => 0.5) }],
  ["biases", completionBody, { prompt: "a", logit_bias: Object.fromEntries(Array(MANY).entries()) }],
] as const)("a body full of wrong values makes few complaints: %s", (_what, schema, body) => {
  const { error } = schema.safeParse(body);
  expect(error?.issues.length).toBeGreaterThan(0);
  expect(error?.issues.length).toBeLessThanOrEqual(100);
});
