/**
 * The scheduler in virtual time: many requests through `continuous` on the mock engine, with the time it takes on one
 * core and the heap on the way, which must stay flat.
 *
 *     npx tsx --expose-gc benchmarks/virtual-time.ts
 */
import { VirtualClock } from "../src/clock.js";
import { SimulatedEngine } from "../src/engine/simulated/engine.js";
import { makeRequest } from "../src/host/request.js";
import { Random } from "../src/random.js";
import { type Outside, turn } from "../src/scheduler/crank.js";
import { makeScheduler } from "../src/scheduler/load.js";
import { DEFAULT_SCHEDULER } from "../src/scheduler/settings.js";
import { count, readFlags } from "./flags.js";

const { requests, clients } = readFlags("Runs many requests through the scheduler in virtual time.", {
  requests: count(100_000, "how many"),
  clients: count(32, "how many wait for answers at once"),
});

const clock = new VirtualClock();
const engine = new SimulatedEngine({ clock, slots: clients, contextSize: 256 });
const scheduler = await makeScheduler({ ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: clients } }, engine.info, 0);
const random = new Random(1);
const heapMib: number[] = [];
let sent = 0;
let ended = 0;
let waitingToSend = clients;

const outside: Outside = {
  deliver(to, nowMs) {
    for (; waitingToSend > 0 && sent < requests; waitingToSend--) {
      const promptTokens = Array.from({ length: random.integer(4, 32) }, () => random.integer(0, 50_000));
      to.submit(
        makeRequest(`r${sent++}`, promptTokens, { maxTokens: random.integer(8, 128), seed: sent }, nowMs),
        nowMs,
      );
    }
  },
  publish(events) {
    for (const event of events) {
      if (event.type !== "finished") continue;
      waitingToSend++;
      if (++ended % Math.ceil(requests / 10) === 0) heapMib.push(usedHeapMib());
    }
  },
  wait(untilMs) {
    if (untilMs < Number.POSITIVE_INFINITY) clock.advanceTo(untilMs);
    return ended < requests;
  },
};

const beganMs = performance.now();
while (turn(scheduler, engine, clock, outside));
const seconds = (performance.now() - beganMs) / 1000;
const { counters } = scheduler;
console.log(
  `${ended} requests, ${counters.generatedTokens} tokens, ${counters.steps} steps in ${seconds.toFixed(1)} s`,
);
console.log(
  `${(clock.nowMs() / 3_600_000).toFixed(1)} hours of virtual time; ${((seconds * 1e6) / counters.steps).toFixed(0)} µs a step`,
);
console.log(`heap after each tenth, MiB: ${heapMib.map((mib) => mib.toFixed(0)).join(" ")}`);

function usedHeapMib(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
