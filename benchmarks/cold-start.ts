/**
 * How long a newcomer waits: from typing `npx sluice serve` to the first corrected sentence.
 *
 *     npm run build && npx tsx benchmarks/cold-start.ts
 *
 * Every repeat starts a new process group with nothing running before it, sends the sentence as soon as the server says
 * where it listens, and ends it again.
 */
import { spawn } from "node:child_process";
import { readyUrl } from "../src/targets/server-process.js";
import { spread } from "./figures.js";
import { count, readFlags } from "./flags.js";

const { repeats } = readFlags("Times the way from starting the server to its first corrected sentence.", {
  repeats: count(5, "how often"),
});
const SENTENCE = "She go to school every day.";

/** Starts the server; resolves with its address once it listens, and with the way to end it. */
async function serve(): Promise<{ url: string; stop(): Promise<void> }> {
  // A process group of its own: npx does not hand signals on.
  const child = spawn("npx", ["sluice", "serve", "--port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await readyUrl(child);
  const stop = async () => {
    process.kill(-child.pid!, "SIGTERM");
    await exited;
  };
  return { url, stop };
}

const listening: number[] = [];
const corrected: number[] = [];
for (let repeat = 0; repeat < repeats; repeat++) {
  const beganMs = performance.now();
  const { url, stop } = await serve();
  listening.push((performance.now() - beganMs) / 1000);
  const response = await fetch(new URL("/correct", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sentence: SENTENCE }),
  });
  const answer = (await response.json()) as { corrected: string };
  corrected.push((performance.now() - beganMs) / 1000);
  await stop();
  console.log(`repeat ${repeat + 1}: "${SENTENCE}" → "${answer.corrected}" after ${corrected.at(-1)!.toFixed(2)} s`);
}
console.log(`listening after ${spread(listening, 2)} s, first corrected sentence after ${spread(corrected, 2)} s`);
