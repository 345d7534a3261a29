/**
 * What a reproducible engine promises beyond every engine: tokens and log-probabilities of a sequence are the same to the
 * last bit, however its prompt was cut, whatever was reused, whoever ran beside it, and after a preemption.
 */
import assert from "node:assert/strict";
import type { Engine } from "../engine/engine.js";
import { emptySlots, finish, GREEDY, makeRun, type Run, step } from "./engine-driver.js";

export interface ReproducibleCheck {
  readonly name: string;
  /**
   * @param engine idle, with at least four slots that hold the prompt and eight tokens more
   * @param promptTokens how long the prompt is, from 2
   * @throws when the engine breaks the rule
   */
  run(engine: Engine, promptTokens: number): void;
}

export const REPRODUCIBLE_CHECKS: readonly ReproducibleCheck[] = [
  {
    name: "prompts in pieces give what whole prompts give",
    run(engine, length) {
      const expected = whole(engine, length);
      for (const chunk of [33, 65]) {
        const run = long(engine, length, 1);
        finish(engine, [run], { chunk });
        same(run, expected);
      }
    },
  },
  {
    name: "reused cells give what computed ones give, in place and as a copy",
    run(engine, length) {
      const expected = whole(engine, length);
      for (const shared of [Math.floor(length / 2), length - 1]) {
        const [kept, copy] = [long(engine, length, 0), long(engine, length, 3)];
        kept.sequence.computed = shared;
        copy.sequence.computed = shared;
        const slotChanges = [
          { kind: "copy", from: 0, to: 3, keep: shared },
          { kind: "trim", slot: 0, keep: shared },
        ] as const;
        step(engine, [kept, copy], { slotChanges });
        while (!kept.ended) step(engine, [kept, copy]);
        same(kept, expected);
        same(copy, expected);
      }
    },
  },
  {
    name: "neighbours change nothing, whatever they compute and whenever they leave",
    run(engine, length) {
      const expected = whole(engine, length);
      const run = long(engine, length, 1);
      const others = [makeRun(engine, { prompt: 1, slot: 0 }), makeRun(engine, { prompt: 2, slot: 3, maxTokens: 3 })];
      finish(engine, [run, ...others], { chunk: 100 });
      same(run, expected);
    },
  },
  {
    name: "a sequence that lost its slot goes on as if it had kept it",
    run(engine, length) {
      const expected = whole(engine, length);
      const run = long(engine, length, 0);
      step(engine, [run], { slotChanges: emptySlots([run]) });
      for (let steps = 0; steps < 3; steps++) step(engine, [run]);
      run.sequence.computed = 0;
      run.slot = 2;
      step(engine, [run], { slotChanges: emptySlots([run]) });
      while (!run.ended) step(engine, [run]);
      same(run, expected);
    },
  },
];

const WORDS = "the quick brown fox jumps over a lazy dog while seven wizards box with liquor jugs and nobody minds";

/** A run whose prompt has so many tokens, no two stretches of them alike. */
function long(engine: Engine, length: number, slot: number): Run {
  const words = WORDS.split(" ");
  const text = Array.from({ length }, (_, at) => `${words[(at * at + 3 * at) % words.length]} ${at}`).join(" ");
  const promptTokens = engine.tokenize(text, true).slice(0, length);
  assert.equal(promptTokens.length, length);
  return makeRun(engine, { prompt: 0, slot, sampling: GREEDY, promptTokens });
}

function whole(engine: Engine, length: number): Run {
  const run = long(engine, length, 0);
  finish(engine, [run]);
  return run;
}

function same(actual: Run, expected: Run): void {
  assert.deepEqual(actual.samples, expected.samples);
}
