/**
 * The engine host under a closed loop of clients with mixed output lengths: tokens per second with compaction on and off
 * in turns, the gap between steps, the share of time outside decoding and sampling, and the time to sample a row.
 *
 *     npm run build && npx tsx benchmarks/engine-host.ts
 */
import { openModel } from "../src/host/open-model.js";
import { yieldToEngine } from "../src/host/priority.js";
import type { HostStats } from "../src/host/protocol.js";
import { makeRequest } from "../src/host/request.js";
import { DEFAULT_ENGINE } from "../src/host/settings.js";
import { Random } from "../src/random.js";
import { DEFAULT_SCHEDULER } from "../src/scheduler/settings.js";
import { median, spread } from "./figures.js";
import { count, readFlags, text } from "./flags.js";

const { model, clients, requests, repeats } = readFlags("Measures the engine host with compaction on and off.", {
  model: text("standin:distilgpt2", "what to run"),
  clients: count(32, "requests at once"),
  requests: count(128, "requests a repeat"),
  repeats: count(5, "pairs of on and off"),
});

const host = await openModel({ ...DEFAULT_ENGINE, model, slots: clients, contextSize: 256 }, DEFAULT_SCHEDULER);
yieldToEngine();
const prompt = host.tokenize("Space exploration in the next decade will focus on", false);

interface Result {
  readonly tokensPerSec: number;
  readonly stats: HostStats;
}

/** Every client sends its next request when the last has ended. Output lengths are uniform 8–128, the same each time. */
async function run(compactSlots: boolean): Promise<Result> {
  await host.configure({ ...DEFAULT_SCHEDULER, compactSlots, policyOptions: { maxNumSeqs: clients } });
  const random = new Random(1);
  const lengths = Array.from({ length: requests }, () => random.integer(8, 128));
  let next = 0;
  const client = async () => {
    for (let i = next++; i < requests; i = next++) await send(`r${i}`, lengths[i]!, i);
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - beganMs) / 1000;
  return { tokensPerSec: lengths.reduce((a, b) => a + b) / seconds, stats: await host.stats() };
}

function send(id: string, maxTokens: number, seed: number): Promise<void> {
  return new Promise((resolve, reject) => {
    host.submit(makeRequest(id, [...prompt, seed], { maxTokens, seed, ignoreEos: true }, 0), (event) => {
      if (event.type === "finished") resolve();
      else if (event.type === "failed") reject(new Error(event.error.message));
    });
  });
}

await run(true);
const on: Result[] = [];
const off: Result[] = [];
for (let repeat = 0; repeat < repeats; repeat++) {
  on.push(await run(true));
  off.push(await run(false));
}
await host.close();

const figures = (results: readonly Result[], figure: (stats: HostStats) => number) =>
  spread(results.map(({ stats }) => figure(stats)));
console.log(`${model}, ${clients} clients, ${requests} requests of 8–128 tokens, ${repeats} repeats: median (min–max)`);
console.log(
  `tokens/s, compaction on    ${spread(
    on.map((result) => result.tokensPerSec),
    0,
  )}`,
);
console.log(
  `tokens/s, compaction off   ${spread(
    off.map((result) => result.tokensPerSec),
    0,
  )}`,
);
console.log(`on ÷ off, pair by pair     ${spread(on.map((result, i) => result.tokensPerSec / off[i]!.tokensPerSec))}`);
console.log(`step gap p50, ms           ${figures(on, (stats) => stats.stepGapMs.p50)}`);
console.log(`step gap p99, ms           ${figures(on, (stats) => stats.stepGapMs.p99)}`);
console.log(`outside decode and sampling ${figures(on, outsideShare)} of the busy time`);
console.log(
  `sampling, ms a row         ${figures(on, ({ counters }) => counters.sampleMs / counters.generatedTokens)}`,
);
console.log(
  `fragments a step           on ${median(on.map(fragments)).toFixed(2)}, off ${median(off.map(fragments)).toFixed(2)}`,
);

function outsideShare({ busyMs, counters }: HostStats): number {
  return 1 - (counters.computeMs + counters.sampleMs) / busyMs;
}

function fragments({ stats: { counters } }: Result): number {
  return counters.batchFragments / counters.steps;
}
