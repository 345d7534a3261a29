/**
 * What `--reproducible` costs: prompts of several lengths, and steps of single tokens, with it and without, in turns.
 * `npx tsx benchmarks/engine/reproducible.ts`.
 */
import { choice, count, readFlags, text } from "../flags.js";
import { interleave, makeRow, makeSequence, openEngine, printTimes } from "./harness.js";

const flags = readFlags("Times prompts and steps with --reproducible and without.", {
  model: text("standin:distilgpt2", "what to run"),
  threads: count(0, "compute threads; 0: one a core", 0),
  rounds: count(8, "interleaved rounds"),
  part: choice(["all", "prompts", "steps"], "what to time"),
});
const HELD = 300;
const SLOTS = 32;
const sequences = Array.from({ length: SLOTS }, (_, slot) => makeSequence(700, {}, slot + 1));
const cases = new Map<string, () => number>();

for (const reproducible of [false, true]) {
  const { model, threads } = flags;
  const engine = await openEngine({ model, slots: SLOTS, contextSize: 1024, threads, poll: 50, reproducible });
  const name = (what: string) => `${what}${reproducible ? ", reproducible" : ""}`;
  const compute = (rows: number, start: number, tokens: number) => {
    const slots = sequences.slice(0, rows);
    const { computeMs } = engine.run({
      slotChanges: slots.map((_, slot) => ({ kind: "trim", slot, keep: start }) as const),
      rows: slots.map((sequence, slot) => makeRow(sequence, slot, start, tokens)),
    });
    return computeMs;
  };
  if (flags.part !== "steps")
    for (const tokens of [40, 160, 640]) cases.set(name(`a prompt of ${tokens}`), () => compute(1, 0, tokens));
  if (flags.part === "prompts") continue;
  for (const rows of [1, 8, 32]) {
    cases.set(name(`${rows} tokens at ${HELD} cells`), () => {
      for (let slot = 0; slot < rows; slot++) {
        engine.run({
          slotChanges: [{ kind: "trim", slot, keep: 0 }],
          rows: [makeRow(sequences[slot]!, slot, 0, HELD)],
        });
      }
      return Math.min(...Array.from({ length: 5 }, () => compute(rows, HELD, 1)));
    });
  }
}
printTimes("With --reproducible and without", interleave(cases, flags.rounds));
