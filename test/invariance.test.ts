/**
 * At temperature 0 a prompt gives the same text alone and in any company, under every scheduler.
 *
 * Compared are whole texts, character by character, on the F32 stand-in `nano`. F32, because kernels may add up in
 * another order when a step has another shape, so the last bits of the logits may differ; with quantized weights such a
 * difference can tip a near-tie of the two likeliest tokens. In F32 it is some 1e-6 of a logit and tips none here.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POLICIES } from "../src/scheduler/policies/registry.js";
import { Sluice } from "../src/sluice.js";

const PROMPTS = [
  "The future of artificial intelligence is",
  "Climate change will impact our planet by",
  "Once upon a time",
  "Quantum computing offers advantages such as being able to look at very many states at the same time, which",
  "The most significant ethical concerns in technology are",
  "x",
  "The future of artificial intelligence is bright, and so is the past of everything that was never written down",
  "In a galaxy far away",
];

/** Different lengths, so that sequences leave their batches at different times. */
const options = (i: number) => ({ maxTokens: 6 + 5 * i, temperature: 0 });

async function open(policy: string): Promise<Sluice> {
  return await Sluice.open({ model: "standin:nano:f32", policy, slots: 32, contextSize: 128 });
}

describe("greedy text", () => {
  let alone: string[];

  beforeAll(async () => {
    const sluice = await open("sequential");
    alone = [];
    for (const [i, prompt] of PROMPTS.entries()) alone.push((await sluice.addRequest(prompt, options(i))).text);
    await sluice.shutdown();
  });

  afterAll(() => {
    expect(new Set(alone).size).toBe(PROMPTS.length);
  });

  it.each(POLICIES.map(({ name }) => name))("is the same under %s as alone", async (policy) => {
    const sluice = await open(policy);
    const running = PROMPTS.map((prompt, i) => sluice.addRequest(prompt, options(i)));
    sluice.flush();
    const completions = await Promise.all(running);
    await sluice.shutdown();
    expect(completions.map(({ text }) => text)).toEqual(alone);
    if (policy !== "sequential") expect(Math.max(...completions.map(({ batchSize }) => batchSize))).toBeGreaterThan(1);
  });

  it("is the same when prompts are cut into chunks", async () => {
    const policyOptions = { maxNumSeqs: 8, maxNumBatchedTokens: 8 };
    const sluice = await Sluice.open({ model: "standin:nano:f32", policyOptions, slots: 8, contextSize: 128 });
    const completions = await Promise.all(PROMPTS.map((prompt, i) => sluice.addRequest(prompt, options(i))));
    await sluice.shutdown();
    expect(completions.map(({ text }) => text)).toEqual(alone);
  });
});
