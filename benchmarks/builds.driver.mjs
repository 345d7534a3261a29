// Runs the library of one build under a closed loop of clients: one JSON line in (a load), one out (its tokens a second).
//
//   node builds.driver.mjs FOLDER '{"model":"standin:distilgpt2","slots":32}'
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, options] = process.argv.slice(2);
const { Sluice, yieldToEngine } = await import(pathToFileURL(join(resolve(folder), "dist", "index.js")).href);
const { model, slots } = JSON.parse(options);
const sluice = await Sluice.open({ model, slots, contextSize: 512, policyOptions: { maxNumSeqs: slots } });
yieldToEngine();

/** @param {{ clients: number, lengths: number[] }} load output lengths, a request each, in the order in which they are sent */
async function tokensPerSec({ clients, lengths }) {
  let next = 0;
  let tokens = 0;
  const client = async () => {
    for (let i = next++; i < lengths.length; i = next++) {
      const prompt = `Request ${i}: space exploration in the next decade will focus on`;
      const answer = await sluice.addRequest(prompt, { maxTokens: lengths[i], seed: i, ignoreEos: true });
      tokens += answer.completionTokens;
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  return (1000 * tokens) / (performance.now() - beganMs);
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await tokensPerSec(JSON.parse(line))));
}
await sluice.shutdown();
