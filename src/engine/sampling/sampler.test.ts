import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uniformAt } from "../../random.js";
import { DEFAULT_SAMPLING, type SamplingParams, Sequence } from "../../scheduler/request.js";
import { TokenTable } from "../../text/token-table.js";
import { Sampler } from "./sampler.js";

const SIZE = 300;
const END = 7;
const table = new TokenTable(SIZE, (token) => Buffer.from(`<${token}>`));
const sampler = new Sampler({ table, endTokens: [END] });

const PLAIN: SamplingParams = { ...DEFAULT_SAMPLING, temperature: 1, topK: 0, topP: 1 };

function sequenceOf(params: Partial<SamplingParams>, prompt: number[] = [1], generated: number[] = []): Sequence {
  const sampling = { ...PLAIN, ...params };
  const limits = { maxTokens: 99, priority: 0, user: "", deadlineMs: Number.POSITIVE_INFINITY };
  const sequence = new Sequence({ id: "a", promptTokens: prompt, sampling, ...limits }, 0, 0);
  sequence.tokens.push(...generated);
  return sequence;
}

function draw(logits: Float32Array, params: Partial<SamplingParams>, prompt?: number[], generated?: number[]): number {
  return sampler.draw(sequenceOf(params, prompt, generated), logits, undefined).token;
}

/** The tokens that are kept, likeliest first, and their probabilities: sorting everything, one filter after the other. */
function keptTokens(logits: readonly number[], { temperature, topK, topP, minP }: SamplingParams) {
  let kept = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const weight = (token: number) => Math.exp((logits[token]! - logits[kept[0]!]!) / temperature);
  const sum = (tokens: number[]) => tokens.reduce((total, token) => total + weight(token), 0);
  kept = kept.filter((token) => weight(token) >= minP);
  if (topK > 0) kept = kept.slice(0, topK);
  const enough = topP * sum(kept);
  if (topP < 1) kept = kept.filter((_, index) => sum(kept.slice(0, index)) < enough);
  const total = sum(kept);
  return new Map(kept.map((token) => [token, weight(token) / total]));
}

const spread = new Float32Array(SIZE).map((_, token) => 3 * Math.sin(7 * token) + token / 200);

describe("Sampler", () => {
  const filters = fc.record({
    temperature: fc.constantFrom(0.3, 1, 2),
    topK: fc.constantFrom(0, 1, 5, 50, 260, 299, 1000),
    topP: fc.constantFrom(0.1, 0.5, 0.95, 1),
    minP: fc.constantFrom(0, 0.05, 0.5),
  });

  it("draws kept tokens only, each as often as its probability says", () => {
    fc.assert(
      fc.property(filters, fc.integer({ min: 0, max: 1_000_000 }), (filter, seed) => {
        const params = { ...PLAIN, ...filter };
        const expected = keptTokens(Array.from(spread), params);
        const draws = 400;
        const counts = new Map<number, number>();
        for (let index = 0; index < draws; index++) {
          const token = draw(spread, { ...filter, seed: seed + index });
          expect(expected.has(token)).toBe(true);
          counts.set(token, (counts.get(token) ?? 0) + 1);
        }
        for (const [token, probability] of expected) {
          const deviation = Math.sqrt(draws * probability * (1 - probability)) + 1;
          expect(Math.abs((counts.get(token) ?? 0) - draws * probability)).toBeLessThan(6 * deviation);
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it("is greedy at temperature 0, the lower id among equals", () => {
    const logits = new Float32Array(SIZE).fill(1).fill(4, 20, 23);
    expect(draw(logits, { temperature: 0 })).toBe(20);
  });

  it("draws by seed and index of the token alone", () => {
    const tokens = (seed: number) =>
      Array.from({ length: 20 }, (_, index) => draw(spread, { seed, topK: 50 }, [1], new Array(index).fill(2)));
    expect(tokens(1)).toEqual(tokens(1));
    expect(tokens(1)).not.toEqual(tokens(2));
    expect(new Set(tokens(1)).size).toBeGreaterThan(1);
  });

  it("does not change the model's logits", () => {
    const before = Array.from(spread);
    draw(spread, { repetitionPenalty: 2, presencePenalty: 1, logitBias: { 3: 5 }, minTokens: 5 }, [1, 2], [3, 4]);
    expect(Array.from(spread)).toEqual(before);
  });

  it("adds biases", () => {
    expect(draw(spread, { temperature: 0, logitBias: { 123: 100, 9999: 1 } })).toBe(123);
  });

  it("bans the tokens that end before min_tokens", () => {
    const logits = new Float32Array(SIZE).fill(0);
    logits[END] = 9;
    logits[30] = 8;
    logits[31] = 7;
    const params = { temperature: 0, minTokens: 2, stopTokenIds: [30] };
    expect(draw(logits, params, [1], [5])).toBe(31);
    expect(draw(logits, params, [1], [5, 5])).toBe(END);
  });

  it("divides positive and multiplies negative logits of seen tokens by the repetition penalty", () => {
    const logits = new Float32Array(SIZE).fill(-10);
    logits.set([4, 3.9, 2.1], 10);
    expect(draw(logits, { temperature: 0, repetitionPenalty: 2 }, [10], [11])).toBe(12);
    logits.fill(-1).fill(-1.5, 50);
    const seen = Array.from({ length: 50 }, (_, token) => token);
    expect(draw(logits, { temperature: 0, repetitionPenalty: 2 }, seen)).toBe(50);
  });

  it("subtracts the frequency penalty per occurrence in the output and the presence penalty once", () => {
    const logits = new Float32Array(SIZE);
    logits.set([10, 9], 20);
    expect(draw(logits, { temperature: 0, frequencyPenalty: 0.4 }, [20, 20, 20], [20, 20])).toBe(20);
    expect(draw(logits, { temperature: 0, frequencyPenalty: 0.4 }, [20], [20, 20, 20])).toBe(21);
    expect(draw(logits, { temperature: 0, presencePenalty: 0.9 }, [1], [20, 20, 20])).toBe(20);
    expect(draw(logits, { temperature: 0, presencePenalty: 1.1 }, [1], [20])).toBe(21);
  });

  it("keeps up with a sequence that grows", () => {
    const logits = new Float32Array(SIZE);
    logits.set([10, 9.5, 9], 20);
    const sequence = sequenceOf({ temperature: 0, presencePenalty: 2 });
    for (const expected of [20, 21, 22]) {
      const { token } = sampler.draw(sequence, logits, undefined);
      expect(token).toBe(expected);
      sequence.tokens.push(token);
    }
  });

  it("gives log-probabilities of the unchanged distribution", () => {
    const logprobs = (params: Partial<SamplingParams>) =>
      sampler.draw(sequenceOf({ temperature: 0, logprobs: 3, ...params }), spread, undefined).logprobs!;
    const total = Math.log(spread.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const best = Array.from(spread.keys()).sort((a, b) => spread[b]! - spread[a]!);
    const forced = logprobs({ logitBias: { 5: 100 } });
    expect(forced).toMatchObject({ token: 5, text: "<5>", bytes: Array.from(Buffer.from("<5>")) });
    expect(forced.logprob).toBeCloseTo(spread[5]! - total, 4);
    expect(forced.top.map(({ token }) => token)).toEqual(best.slice(0, 3));
    expect(forced.top[0]!.logprob).toBeCloseTo(spread[best[0]!]! - total, 4);
    expect(logprobs({ logprobs: 0 }).top).toEqual([]);
  });

  it("draws again from what a constraint allows, with another number", () => {
    const accepted: number[] = [];
    const constraint = {
      begin() {},
      allows: (token: number) => token === 40,
      mask: (logits: Float32Array) => {
        logits.fill(Number.NEGATIVE_INFINITY, 0, 40);
        logits.fill(Number.NEGATIVE_INFINITY, 41);
      },
      accept: (token: number) => accepted.push(token),
    };
    expect(sampler.draw(sequenceOf({ seed: 3 }), spread, constraint).token).toBe(40);
    expect(accepted).toEqual([40]);
    expect(uniformAt(3, 0)).not.toBe(uniformAt(~3, 0));
  });

  it("never draws a token whose logit is no number", () => {
    const logits = new Float32Array(SIZE).fill(Number.NaN);
    logits.set([1, 2], 40);
    for (const params of [{ temperature: 0 }, { topK: 5 }, { topK: 0 }, { topK: 0, topP: 0.9 }, { topK: 260 }]) {
      for (let seed = 0; seed < 20; seed++) expect([40, 41]).toContain(draw(logits, { ...params, seed }));
    }
    const { logprobs } = sampler.draw(sequenceOf({ temperature: 0, logprobs: 2 }), logits, undefined);
    expect(logprobs!.top.map(({ token }) => token)).toEqual([41, 40]);
    expect(logprobs!.logprob).toBeCloseTo(-Math.log(1 + Math.exp(-1)), 5);
  });

  it("says that no token is possible", () => {
    const none = new Float32Array(SIZE).fill(Number.NEGATIVE_INFINITY);
    for (const params of [{ temperature: 0 }, { topK: 5 }, { topK: 0 }]) expect(draw(none, params)).toBe(-1);
  });
});
