import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SystemClock } from "../../clock.js";
import { alone, emptySlots, finish, makeRun, Run, step } from "../../conformance/engine-driver.js";
import { SluiceError } from "../../errors.js";
import { defaultCacheDir } from "../../models/cache.js";
import { ensureStandin } from "../../models/standin.js";
import { DEFAULT_SAMPLING, type SamplingParams, Sequence } from "../../scheduler/request.js";
import { compileGbnf } from "../../text/grammar/gbnf.js";
import { type LlamaEngine, openLlamaEngine } from "./engine.js";
import { openTokenizer } from "./tokenizer.js";

const END_OF_TEXT = 50_256;

let engine: LlamaEngine;
let modelPath: string;

beforeAll(async () => {
  modelPath = await ensureStandin({ name: "nano", format: "f32" }, defaultCacheDir());
  engine = openLlamaEngine({
    modelPath,
    modelName: "standin:nano:f32",
    device: "cpu",
    threads: 1,
    slots: 4,
    contextSize: 256,
    clock: new SystemClock(),
    memoryLimitBytes: 0,
  });
});

afterAll(() => engine.close());

/** Runs one sequence alone. */
function generate(prompt: string, maxTokens: number, sampling: Partial<SamplingParams>): Run {
  const promptTokens = engine.tokenize(prompt, true);
  const limits = { maxTokens, priority: 0, user: "", deadlineMs: Number.POSITIVE_INFINITY };
  const request = { id: prompt, promptTokens, sampling: { ...DEFAULT_SAMPLING, ...sampling }, ...limits };
  const run = new Run(new Sequence(request, 0, 0), 0);
  finish(engine, [run]);
  return run;
}

describe("LlamaEngine", () => {
  it("describes itself", () => {
    expect(engine.info).toMatchObject({
      model: "standin:nano:f32",
      kind: "llama",
      slots: 4,
      contextSize: 256,
      vocabularySize: 50_304,
    });
  });

  it("turns text into tokens and back", () => {
    const text = "Der Fluß, 5 € — und 😀.";
    expect(engine.detokenize(engine.tokenize(text, true))).toBe(text);
  });

  it("reads a marker as a token only where markers are special", () => {
    expect(engine.tokenize("a<|endoftext|>", true)).toEqual([64, 50_256]);
    expect(engine.tokenize("a<|endoftext|>", false)).toHaveLength(8);
  });

  it("repeats itself with the same seed and not with another", () => {
    const text = (seed: number) => generate("Once upon a time", 12, { seed }).text;
    expect(text(1)).toBe(text(1));
    expect(text(2)).not.toBe(text(1));
  });

  it("keeps to a grammar", () => {
    const run = generate("Say:", 12, { grammar: compileGbnf('root ::= "yes" | "no " [0-9]'), seed: 3 });
    expect(run.text).toMatch(/^(yes|no [0-9])$/);
    expect(run.stopped).toBe(true);
  });

  it("keeps to one of ten thousand texts, and to an object of a thousand optional members", () => {
    const texts = Array.from({ length: 10_000 }, (_, i) => `"value ${i}!"`).join(" | ");
    expect(generate("Say:", 20, { grammar: compileGbnf(`root ::= ${texts}`), seed: 3 }).text).toMatch(/^value \d+!$/);
    const members = Array.from({ length: 1000 }, (_, i) => `("member ${i};")?`).join(" ");
    const run = generate("Say:", 60, { grammar: compileGbnf(`root ::= ${members} "."`), seed: 3 });
    expect(run.text).toMatch(/^(member \d+;)*/);
  });

  it("ends where a grammar is fulfilled, even before min_tokens", () => {
    const run = generate("Say:", 12, { grammar: compileGbnf('root ::= "yes"'), minTokens: 10 });
    expect([run.text, run.stopped]).toEqual(["yes", true]);
  });

  it("keeps its place in a grammar when the sequence loses its slot", () => {
    const limits = { maxTokens: 30, priority: 0, user: "", deadlineMs: Number.POSITIVE_INFINITY };
    const sampling = { ...DEFAULT_SAMPLING, grammar: compileGbnf('root ::= "a" "b" "c" "d" "e"'), seed: 5 };
    const run = new Run(new Sequence({ id: "g", promptTokens: [1, 2], sampling, ...limits }, 0, 0), 0);
    step(engine, [run], { slotChanges: emptySlots([run]) });
    run.sequence.computed = 0;
    run.slot = 2;
    finish(engine, [run]);
    expect(run.text).toBe("abcde");
  });

  it("ends a row for which no token is left, and not its neighbours", () => {
    const stopTokenIds = Array.from({ length: 64 }, (_, token) => token);
    const stuck = makeRun(engine, {
      prompt: 1,
      slot: 0,
      sampling: { grammar: compileGbnf('root ::= "!"'), minTokens: 30, stopTokenIds },
    });
    const neighbour = makeRun(engine, { prompt: 2, slot: 1 });
    const rows = [stuck.row(), neighbour.row()];
    const outcome = engine.run({ slotChanges: emptySlots([stuck, neighbour]), rows });
    expect(outcome.rows[0]).toMatchObject({ samples: [], error: { code: "invalid_request" } });
    expect(outcome.rows[1]!.samples).toMatchObject([{ token: alone(engine, { prompt: 2 }).tokens[0] }]);
  });

  it("ends the row of a grammar that takes too much work, and goes on", () => {
    const ambiguous = `root ::= ${"(".repeat(60)}"a"${'? "a"?){0,900}'.repeat(60)}`;
    expect(() => generate("Say:", 2, { grammar: compileGbnf(ambiguous) })).toThrowError(/takes more work/);
    expect(generate("Say:", 2, {}).tokens).toHaveLength(2);
  });

  it("ends at a stop string, which is not part of the text", () => {
    const free = generate("Once", 8, { temperature: 0, ignoreEos: true });
    const third = engine.detokenize(free.tokens.slice(2, 3)).trim();
    const run = generate("Once", 8, { temperature: 0, ignoreEos: true, stop: [third] });
    expect(run.stopped).toBe(true);
    expect(run.tokens.length).toBeLessThan(8);
    expect(run.text).toBe(free.text.slice(0, free.text.indexOf(third)));
  });

  it("does not look for stop strings before min_tokens", () => {
    const free = generate("Once", 8, { temperature: 0, ignoreEos: true });
    const third = engine.detokenize(free.tokens.slice(2, 3)).trim();
    const run = generate("Once", 8, { temperature: 0, ignoreEos: true, stop: [third], minTokens: 3 });
    expect(run.tokens.length).toBeGreaterThan(3);
  });

  it("ends at the end of text, which is a token without text, unless it is to be ignored", () => {
    const endsAtOnce = { temperature: 0, logitBias: { [END_OF_TEXT]: 1000 } };
    const ended = generate("Once", 5, endsAtOnce);
    expect([ended.tokens, ended.text, ended.stopped]).toEqual([[END_OF_TEXT], "", true]);
    const ignored = generate("Once", 5, { ...endsAtOnce, ignoreEos: true });
    expect([ignored.tokens.length, ignored.text, ignored.stopped]).toEqual([5, "", false]);
    const later = generate("Once", 5, { ...endsAtOnce, minTokens: 3 });
    expect([later.tokens.indexOf(END_OF_TEXT), later.stopped]).toEqual([3, true]);
  });

  it("gives the bytes of an unfinished character as U+FFFD with the last token", () => {
    const [half] = engine.tokenize("😀", true);
    const run = generate("Once", 2, { temperature: 0, logitBias: { [half!]: 1000 } });
    expect(run.samples.map(({ text }) => text)).toEqual(["", "\ufffd\ufffd"]);
  });

  it("gives log-probabilities with text and bytes", () => {
    const [sample] = generate("Once", 1, { temperature: 0, logprobs: 3 }).samples;
    const { logprobs, token } = sample!;
    expect(logprobs!.top).toHaveLength(3);
    expect(logprobs!.top[0]).toEqual({
      token,
      text: logprobs!.text,
      bytes: logprobs!.bytes,
      logprob: logprobs!.logprob,
    });
    expect(Buffer.from(logprobs!.bytes).toString()).toBe(engine.detokenize([token]));
    expect(logprobs!.logprob).toBeLessThan(0);
  });

  it("tokenizes the same on another thread's handle", () => {
    const tokenizer = openTokenizer({ device: "cpu", vocabularyAddress: engine.vocabularyAddress });
    for (const text of ["", "Hello, world", "Grüße 😀 <|endoftext|>\n\n", " \u0000 "]) {
      for (const special of [true, false]) {
        const tokens = tokenizer.tokenize(text, special);
        expect(tokens).toEqual(engine.tokenize(text, special));
        expect(tokenizer.detokenize(tokens, special)).toBe(text);
      }
    }
  });

  it("refuses rows that do not fit, empties their slots and goes on", () => {
    const before = generate("Once", 4, { temperature: 0 });
    for (const bad of [{ slot: 4 }, { slot: -1 }, { start: 255, count: 2 }, { count: 0 }]) {
      const run = new Run(before.sequence, 1);
      run.sequence.computed = 0;
      expect(() => engine.run({ slotChanges: [], rows: [{ ...run.row(), ...bad }] })).toThrowError(SluiceError);
    }
    expect(generate("Once", 4, { temperature: 0 }).tokens).toEqual(before.tokens);
  });
});

describe("LlamaEngine, steps that it fills up", () => {
  let wide: LlamaEngine;

  // Q8_0: the kernels give the same bits for any number of rows (docs/engine.md).
  beforeAll(async () => {
    wide = openLlamaEngine({
      modelPath: await ensureStandin({ name: "nano", format: "q8_0" }, defaultCacheDir()),
      modelName: "standin:nano:q8_0",
      device: "cpu",
      threads: 1,
      slots: 11,
      contextSize: 256,
      maxStepTokens: 64,
      clock: new SystemClock(),
      memoryLimitBytes: 0,
    });
  });
  afterAll(() => wide.close());

  const runsIn = (slots: readonly number[]) => slots.map((slot) => makeRun(wide, { prompt: slot + 1, slot }));
  const computePrompts = (runs: readonly Run[]) => {
    for (const run of runs) step(wide, [run], { slotChanges: emptySlots([run]) });
  };

  it("changes neither the step's rows nor what lies in the slots that it uses", () => {
    const runs = runsIn([0, 1, 2, 3, 4, 6]);
    const pausing = runsIn([5, 7]);
    computePrompts([...runs, ...pausing]);
    const outcomes = [runs, runs, pausing, runs].map((rows) => step(wide, rows));
    expect(outcomes.map(({ filledRows }) => filledRows)).toEqual([2, 2, 0, 2]);
    expect(outcomes.map(({ fragments }) => fragments)).toEqual([1, 1, 2, 1]);
    const all = [...runs, ...pausing];
    while (all.some((run) => !run.ended)) step(wide, all);
    for (const run of all) expect(run.tokens).toEqual(alone(wide, { prompt: run.slot + 1 }).tokens);
  });

  it("has a place beyond the last slot", () => {
    const runs = runsIn([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    computePrompts(runs);
    expect(step(wide, runs).filledRows).toBe(1);
    while (runs.some((run) => !run.ended)) step(wide, runs);
    for (const run of runs) expect(run.tokens).toEqual(alone(wide, { prompt: run.slot + 1 }).tokens);
  });
});
