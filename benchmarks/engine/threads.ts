/**
 * Compute threads and how long they spin between steps, with the machine to themselves and beside another thread that is
 * busy as a server is: `npx tsx benchmarks/engine/threads.ts`.
 *
 * Every case runs a block of steps (32 rows and their sampling) after a pause that lets the spinning of the case before
 * run out; blocks are interleaved.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { count, readFlags, text } from "../flags.js";
import { interleave, makeRow, makeSequence, openEngine, printTimes } from "./harness.js";

const { model, rounds } = readFlags(
  "Compares thread counts and spinning between steps, alone and beside a busy thread.",
  {
    model: text("standin:distilgpt2", "what to run"),
    rounds: count(7, "interleaved rounds"),
  },
);
const SLOTS = 32;
const HELD = 64;
const STEPS_PER_BLOCK = 10;
const PAUSE_MS = 500;

/** Parses and prints JSON for a third of the time, in bursts of a third of a millisecond; counts how often. */
const SERVER = `
const { workerData } = require("node:worker_threads");
const control = new Int32Array(workerData);
const body = JSON.stringify({ choices: Array.from({ length: 20 }, (_, index) => ({ index, text: "some text", logprobs: null })) });
for (;;) {
  Atomics.wait(control, 0, 0);
  const until = performance.now() + 0.33;
  while (performance.now() < until) { JSON.stringify(JSON.parse(body)); Atomics.add(control, 1, 1); }
  Atomics.wait(control, 2, 0, 0.66);
}`;

const control = new Int32Array(new SharedArrayBuffer(12));
const server = new Worker(SERVER, { eval: true, workerData: control.buffer });
const pause = new Int32Array(new SharedArrayBuffer(4));

function setBusy(busy: boolean): void {
  Atomics.store(control, 0, busy ? 1 : 0);
  Atomics.notify(control, 0);
}

const cores = availableParallelism();
const cases = new Map<string, () => number>();
const served = new Map<string, number>();
const engines = [];
for (const [threads, poll] of [
  [cores, 0],
  [cores, 1],
  [cores, 50],
  [Math.max(1, cores - 1), 0],
] as const) {
  const engine = await openEngine({ model, slots: SLOTS, contextSize: 256, threads, poll });
  engines.push(engine);
  const sequences = Array.from({ length: SLOTS }, (_, slot) => makeSequence(HELD + 1, {}, slot + 1));
  engine.run({ slotChanges: [], rows: sequences.map((sequence, slot) => makeRow(sequence, slot, 0, HELD)) });
  const step = () => {
    const slotChanges = sequences.map((_, slot) => ({ kind: "trim" as const, slot, keep: HELD }));
    engine.run({ slotChanges, rows: sequences.map((sequence, slot) => makeRow(sequence, slot, HELD, 1)) });
  };
  for (const busy of [false, true]) {
    const name = `${threads} threads, poll ${poll}, server ${busy ? "busy" : "idle"}`;
    cases.set(name, () => {
      Atomics.wait(pause, 0, 0, PAUSE_MS);
      setBusy(busy);
      step();
      const servedBefore = Atomics.load(control, 1);
      const start = performance.now();
      for (let each = 0; each < STEPS_PER_BLOCK; each++) step();
      const elapsedMs = performance.now() - start;
      served.set(name, (served.get(name) ?? 0) + (Atomics.load(control, 1) - servedBefore) / elapsedMs);
      setBusy(false);
      return elapsedMs / STEPS_PER_BLOCK;
    });
  }
}
printTimes(`A step of ${SLOTS} rows with sampling`, interleave(cases, rounds));
console.log("\nThe server's work per millisecond meanwhile (mean of all rounds):");
for (const [name, total] of served) if (name.endsWith("busy")) console.log(`  ${name}: ${(total / rounds).toFixed(0)}`);
for (const engine of engines) engine.close();
await server.terminate();
