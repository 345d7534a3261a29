/**
 * The conformance suite of engines.
 *
 * What is compared are tokens and texts. Kernels may sum in another order for another number of rows, so that logits can
 * differ in their last digits between batch shapes (docs/engine.md has the measurements). Where batches have different
 * shapes, greedy tokens are therefore compared up to the first place where the two likeliest tokens are closer than
 * {@link NEAR_TIE}; where shapes are the same, tokens drawn with a seed must be the same without exception.
 */
import assert from "node:assert/strict";
import type { Engine } from "../engine/engine.js";
import { SluiceError } from "../errors.js";
import type { Sample } from "../scheduler/step.js";
import { compileGbnf } from "../text/grammar/gbnf.js";
import { alone, emptySlots, finish, GREEDY, makeRun, promptTokens, type Run, resume, step } from "./engine-driver.js";

export interface EngineCheck {
  readonly name: string;
  /**
   * @param engine idle, with at least four slots of 64 tokens; it can be used again afterwards
   * @throws when the engine breaks the rule
   */
  run(engine: Engine): void;
}

/** In natural-log probability; ten times what was seen between batch shapes of an F32 model. */
export const NEAR_TIE = 0.03;

const SEEDED = { temperature: 1, topK: 20, ignoreEos: true, seed: 7 };
const SLOTS = [0, 1, 2, 3];

export const ENGINE_CHECKS: readonly EngineCheck[] = [
  {
    name: "greedy tokens are the same alone and in any batch",
    run(engine) {
      const expected = SLOTS.map((prompt) => alone(engine, { prompt }));
      for (const batch of [[0, 1], [1, 2, 3], SLOTS]) {
        const runs = batch.map((prompt, slot) => makeRun(engine, { prompt, slot }));
        finish(engine, runs);
        for (const [index, prompt] of batch.entries()) sameGreedy(runs[index]!, expected[prompt]!);
      }
    },
  },
  {
    name: "with a seed tokens are the same in every slot, whatever it held before, and differ between seeds",
    run(engine) {
      const expected = alone(engine, { prompt: 1, sampling: SEEDED });
      for (const slot of SLOTS) {
        finish(engine, [makeRun(engine, { prompt: 2, slot })]);
        const run = makeRun(engine, { prompt: 1, slot, sampling: SEEDED });
        finish(engine, [run]);
        same(run, expected);
      }
      const other = alone(engine, { prompt: 1, sampling: { ...SEEDED, seed: 8 } });
      assert.notDeepEqual(other.tokens, expected.tokens);
    },
  },
  {
    name: "with a seed tokens do not depend on the neighbours",
    run(engine) {
      const among = (neighbours: readonly number[]): Run => {
        const run = makeRun(engine, { prompt: 4, slot: 0, sampling: SEEDED });
        // Prompts whose numbers are equal modulo 4 have the same length: the shape of the batch stays the same.
        const others = neighbours.map((prompt, index) =>
          makeRun(engine, { prompt, slot: index + 1, sampling: SEEDED }),
        );
        finish(engine, [run, ...others]);
        return run;
      };
      same(among([8, 12, 16]), among([20, 24, 28]));
    },
  },
  {
    name: "prompts in pieces give what whole prompts give",
    run(engine) {
      const expected = alone(engine, { prompt: 3 });
      for (const chunk of [1, 5]) {
        const run = makeRun(engine, { prompt: 3, slot: 1 });
        finish(engine, [run], { chunk });
        sameGreedy(run, expected);
      }
    },
  },
  {
    name: "a prompt that joins running sequences changes nothing for them or for itself",
    run(engine) {
      const runs = SLOTS.map((slot) => makeRun(engine, { prompt: slot, slot }));
      const [late, ...early] = [runs[2]!, runs[0]!, runs[1]!, runs[3]!];
      step(engine, early, { slotChanges: emptySlots(runs) });
      step(engine, early);
      while (runs.some((run) => !run.ended)) step(engine, [late, ...early]);
      for (const run of runs) sameGreedy(run, alone(engine, { prompt: run.slot }));
    },
  },
  {
    name: "trimming keeps the cells before and forgets those after",
    run(engine) {
      const expected = alone(engine, { prompt: 2 });
      const run = makeRun(engine, { prompt: 2, slot: 0 });
      const shared = run.sequence.request.promptTokens.length - 2;
      run.sequence.computed = shared;
      const slotChanges = [{ kind: "trim", slot: 0, keep: shared } as const];
      step(engine, [run], { slotChanges });
      while (!run.ended) step(engine, [run]);
      sameGreedy(run, expected);
    },
  },
  {
    name: "a copy holds the first cells of its source, and the source goes on",
    run(engine) {
      const source = makeRun(engine, { prompt: 6, slot: 2 });
      step(engine, [source], { slotChanges: emptySlots([source]) });
      const shared = commonPrefix(promptTokens(engine, 6), promptTokens(engine, 10));
      const copy = makeRun(engine, { prompt: 10, slot: 0 });
      copy.sequence.computed = shared;
      step(engine, [source, copy], { slotChanges: [{ kind: "copy", from: 2, to: 0, keep: shared }] });
      while (!source.ended || !copy.ended) step(engine, [source, copy]);
      sameGreedy(copy, alone(engine, { prompt: 10 }));
      sameGreedy(source, alone(engine, { prompt: 6 }));
    },
  },
  {
    name: "a sequence that moves to another slot goes on there, and its old slot is empty",
    run(engine) {
      const run = makeRun(engine, { prompt: 1, slot: 3 });
      step(engine, [run], { slotChanges: emptySlots([run]) });
      step(engine, [run]);
      run.slot = 1;
      const next = makeRun(engine, { prompt: 2, slot: 3 });
      step(engine, [run, next], { slotChanges: [{ kind: "move", from: 3, to: 1 }] });
      while (!run.ended || !next.ended) step(engine, [run, next]);
      sameGreedy(run, alone(engine, { prompt: 1 }));
      sameGreedy(next, alone(engine, { prompt: 2 }));
    },
  },
  {
    name: "a sequence that lost its slot goes on where it was, without a token or a letter lost",
    run(engine) {
      const expected = alone(engine, { prompt: 3 });
      const run = makeRun(engine, { prompt: 3, slot: 0 });
      for (let steps = 0; steps < 3; steps++)
        step(engine, [run], { slotChanges: steps === 0 ? emptySlots([run]) : [] });
      finish(engine, [makeRun(engine, { prompt: 2, slot: 0 })]);
      run.sequence.computed = 0;
      run.slot = 2;
      step(engine, [run], { slotChanges: emptySlots([run]) });
      while (!run.ended) step(engine, [run]);
      sameGreedy(run, expected);
      if (run.tokens.every((token, index) => token === expected.tokens[index])) assert.equal(run.text, expected.text);
    },
  },
  {
    name: "what was generated elsewhere goes on as if it had run here, wherever it was cut",
    run(engine) {
      const free = alone(engine, { prompt: 1, sampling: SEEDED, maxTokens: 12 });
      const grammar = engine.info.grammar ? [{ grammar: compileGbnf('root ::= "[" [0-9]+ ("," [0-9]+)* "]"') }] : [];
      const settings = [
        ...[{}, { stop: [free.text.slice(-3)] }, { minTokens: 6, stopTokenIds: free.tokens.slice(3, 5) }],
        ...[{ repetitionPenalty: 1.3, presencePenalty: 0.5, frequencyPenalty: 0.5 }, { logprobs: 3 }, ...grammar],
      ];
      for (const changes of settings) {
        const spec = { prompt: 1, sampling: { ...SEEDED, ...changes }, maxTokens: 12 };
        const whole = alone(engine, spec);
        for (let cut = 1; cut < whole.tokens.length; cut++) {
          const rest = resume(engine, { ...spec, slot: 1, generatedTokens: whole.tokens.slice(0, cut) });
          assert.deepEqual(rest.samples, whole.samples.slice(cut), `cut after ${cut} with ${JSON.stringify(changes)}`);
        }
      }
    },
  },
  {
    name: "rows of padding give no sample and change nothing for their neighbours",
    run(engine) {
      const run = makeRun(engine, { prompt: 1, slot: 0 });
      const done = makeRun(engine, { prompt: 2, slot: 1, maxTokens: 1 });
      step(engine, [run, done], { slotChanges: emptySlots([run, done]) });
      while (!run.ended) {
        const row = run.row();
        const start = done.sequence.computed++;
        const padding = { ...done.row(), start, count: 1, sample: false, padding: true };
        const { rows } = engine.run({ slotChanges: [], rows: [row, padding] });
        assert.deepEqual(rows[1], { samples: [], computed: 1 });
        run.take(rows[0]!);
      }
      sameGreedy(run, alone(engine, { prompt: 1 }));
    },
  },
  {
    name: "guesses change no token: those that are right come in one step, with the cells of those alone",
    run(engine) {
      const sampling = { ...SEEDED, ignoreEos: true };
      const whole = alone(engine, { prompt: 1, sampling });
      for (let right = 0; right <= Math.min(3, engine.info.maxDraftTokens); right++) {
        for (const wrong of right < engine.info.maxDraftTokens ? [0, 1] : [0]) {
          const run = makeRun(engine, { prompt: 1, slot: 0, sampling });
          step(engine, [run], { slotChanges: emptySlots([run]) });
          const draft = whole.tokens.slice(1, 1 + right);
          if (wrong > 0) draft.push((whole.tokens[1 + right]! + 1) % engine.info.vocabularySize);
          const [outcome] = engine.run({ slotChanges: [], rows: [run.row(1, draft)] }).rows;
          assert.equal(outcome!.computed, 1 + right);
          run.take(outcome!);
          while (!run.ended) step(engine, [run]);
          same(run, whole);
        }
      }
    },
  },
  {
    name: "a stop token ends its sequence in the step that draws it",
    run(engine) {
      const free = alone(engine, { prompt: 1, sampling: { ...GREEDY, temperature: 1, seed: 3 } });
      const stop = free.tokens[2]!;
      const run = alone(engine, { prompt: 1, sampling: { ...GREEDY, temperature: 1, seed: 3, stopTokenIds: [stop] } });
      assert.equal(run.stopped, true);
      assert.deepEqual(run.tokens, free.tokens.slice(0, free.tokens.indexOf(stop) + 1));
    },
  },
  {
    name: "a step has a sample for every row that asks, and tells its cost",
    run(engine) {
      const runs = SLOTS.map((slot) => makeRun(engine, { prompt: slot + 4, slot }));
      const outcome = step(engine, runs, { slotChanges: emptySlots(runs), chunk: promptTokens(engine, 4).length });
      const sampled = outcome.rows.filter(({ samples }) => samples.length > 0);
      assert.equal(outcome.rows.length, runs.length);
      assert.equal(sampled.length, 1, "only the shortest prompt was computed to its end");
      assert.ok(outcome.fragments >= 1, `fragments: ${outcome.fragments}`);
      assert.ok(outcome.computeMs >= 0 && outcome.sampleMs >= 0);
      assert.ok(outcome.memoryUsage >= 0 && outcome.memoryUsage <= 1, `memoryUsage: ${outcome.memoryUsage}`);
    },
  },
  {
    name: "after a step that fails the engine goes on",
    run(engine) {
      const expected = alone(engine, { prompt: 1 });
      const run = makeRun(engine, { prompt: 2, slot: 0 });
      const row = { ...run.row(), start: engine.info.contextSize };
      try {
        engine.run({ slotChanges: emptySlots([run]), rows: [row] });
      } catch (error) {
        assert.ok(error instanceof SluiceError && error.code === "engine_failed", String(error));
      }
      same(alone(engine, { prompt: 1 }), expected);
    },
  },
];

function same(actual: Run, expected: Run): void {
  assert.deepEqual(actual.tokens, expected.tokens);
  assert.equal(actual.text, expected.text);
}

/** Equal up to the first near tie. */
function sameGreedy(actual: Run, expected: Run): void {
  assert.equal(actual.tokens.length, expected.tokens.length);
  for (const [index, sample] of expected.samples.entries()) {
    if (isNearTie(sample)) return;
    assert.equal(actual.tokens[index], sample.token, `token ${index} of ${expected.tokens.join(" ")}`);
  }
  assert.equal(actual.text, expected.text);
}

function isNearTie({ logprobs }: Sample): boolean {
  const [first, second] = logprobs?.top ?? [];
  return first !== undefined && second !== undefined && first.logprob - second.logprob < NEAR_TIE;
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
