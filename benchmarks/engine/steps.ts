/**
 * What a step costs, by its shape: `npx tsx benchmarks/engine/steps.ts`.
 * Cases are interleaved; read the medians' ratios on a machine that does other things as well.
 */
import type { SlotChange } from "../../src/scheduler/step.js";
import { choice, count, readFlags, text } from "../flags.js";
import { interleave, makeRow, makeSequence, openEngine, printTimes } from "./harness.js";

const { model, threads, poll, rounds, part } = readFlags("Times steps by their shape, and copies of slots.", {
  model: text("standin:distilgpt2", "what to run"),
  threads: count(0, "compute threads; 0: one a core", 0),
  poll: count(50, "how long an idle compute thread spins, 0 to 100", 0),
  rounds: count(15, "interleaved rounds"),
  part: choice(["all", "shapes", "copies"], "what to time"),
});
const SLOTS = 32;
/** Cells that every slot holds when a step begins. */
const HELD = 64;
const PROMPT = 12;

const slots = (count: number, from = 0, by = 1) => Array.from({ length: count }, (_, index) => from + index * by);

async function stepShapes(): Promise<void> {
  const engine = await openEngine({
    model,
    slots: SLOTS,
    contextSize: 512,
    threads,
    poll,
  });
  console.log(engine.info.device);
  const sequences = slots(SLOTS).map((slot) => makeSequence(HELD + PROMPT, {}, slot + 1));
  const fill = sequences.map((sequence, slot) => makeRow(sequence, slot, 0, HELD));
  engine.run({ slotChanges: [], rows: fill });

  /** A step in which these slots compute one token each and these a whole prompt. */
  const shape =
    (decoding: readonly number[], prompts: readonly number[] = []) =>
    () => {
      const rows = [...decoding, ...prompts]
        .sort((a, b) => a - b)
        .map((slot) =>
          prompts.includes(slot)
            ? makeRow(sequences[slot]!, slot, 0, PROMPT)
            : makeRow(sequences[slot]!, slot, HELD, 1),
        );
      const before: SlotChange[] = rows.map(({ slot, start }) => ({ kind: "trim", slot, keep: start }));
      const { computeMs } = engine.run({ slotChanges: before, rows });
      // Slots that held a prompt get their cells back, so that every case finds the same.
      const emptied = prompts.map((slot) => makeRow(sequences[slot]!, slot, PROMPT, HELD - PROMPT));
      if (emptied.length > 0) engine.run({ slotChanges: [], rows: emptied });
      return computeMs;
    };
  const cases = new Map([
    ["1 row", shape([0])],
    ["8 rows", shape(slots(8))],
    ["28 rows in slots 0–27", shape(slots(28))],
    ["28 rows in slots 4–31", shape(slots(28, 4))],
    ["28 rows with four gaps", shape(slots(SLOTS).filter((slot) => slot % 8 !== 5))],
    ["32 rows", shape(slots(SLOTS))],
    ["31 rows with one gap", shape(slots(SLOTS).filter((slot) => slot !== 15))],
    ["16 rows side by side", shape(slots(16))],
    ["16 rows, every second slot", shape(slots(16, 0, 2))],
    ["a prompt of 12", shape([], [31])],
    ["4 prompts of 12", shape([], slots(4, 28))],
    ["31 rows and a prompt of 12", shape(slots(31), [31])],
  ]);
  printTimes(`Steps at ${HELD} cells a slot`, interleave(cases, rounds));
  engine.close();
}

/** Copies of a slot that holds little go cell by cell; those of a fuller one move its whole buffer (slot-copier.ts). */
async function copies(): Promise<void> {
  const cases = new Map<string, () => number>();
  const engines = [];
  const [target, fuller, short, count, few] = [8, 9, 10, 4, 6];
  for (const contextSize of [256, 512, 1024]) {
    const engine = await openEngine({ model, slots: 11, contextSize, threads, poll });
    const sequences = slots(8).map((slot) => makeSequence(HELD + 1, {}, slot + 1));
    const full = makeSequence((contextSize * 3) / 4, {}, fuller);
    const fill = sequences.map((sequence, slot) => makeRow(sequence, slot, 0, HELD));
    engine.run({ slotChanges: [], rows: fill });
    engine.run({ slotChanges: [], rows: [makeRow(full, fuller, 0, full.tokens.length)] });
    engine.run({ slotChanges: [], rows: [makeRow(makeSequence(few + 1, {}, short), short, 0, few)] });
    const run =
      (copied: number, from: number, keep = HELD) =>
      () => {
        const rows = slots(8).map((slot) => makeRow(sequences[slot]!, slot, HELD, 1));
        const trims: SlotChange[] = slots(8).map((slot) => ({ kind: "trim", slot, keep: HELD }));
        const copy: SlotChange[] = slots(copied).map(() => ({ kind: "copy", from, to: target, keep }));
        return engine.run({ slotChanges: [...trims, ...copy], rows }).computeMs;
      };
    cases.set(`context ${contextSize}: 8 rows`, run(0, 0));
    cases.set(`context ${contextSize}: and ${count} copies of ${few} cells`, run(count, short, few));
    cases.set(`context ${contextSize}: and ${count} copies of ${HELD} cells`, run(count, 0));
    cases.set(`context ${contextSize}: and ${count} copies of a slot three quarters full`, run(count, fuller));
    engines.push(engine);
  }
  printTimes("Copies of a slot", interleave(cases, rounds));
  for (const engine of engines) engine.close();
}

if (part !== "copies") await stepShapes();
if (part !== "shapes") await copies();
