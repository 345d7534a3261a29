// Runs Sluice's library under the closed-loop workloads of peer.ts, one JSON line in, one out.
//
//   node sluice.driver.mjs '{"modelPath":"m.gguf","threads":2,"slots":32,"contextPerSlot":256}'
import { createInterface } from "node:readline";
import { Sluice, yieldToEngine } from "../../dist/index.js";

const { modelPath, threads, slots, contextPerSlot } = JSON.parse(process.argv[2]);
const policyOptions = { maxNumSeqs: slots };
const sluice = await Sluice.open({ model: modelPath, threads, slots, contextSize: contextPerSlot, policyOptions });
yieldToEngine();

async function complete({ prompt, maxTokens }, sampling) {
  const { ttftMs, latencyMs, completionTokens } = await sluice.addRequest(prompt, {
    ...sampling,
    maxTokens,
    ignoreEos: true,
  });
  return { ttftMs, latencyMs, outputTokens: completionTokens };
}

async function measure({ concurrency, requests, sampling }) {
  const samples = [];
  let next = 0;
  const client = async () => {
    while (next < requests.length) samples.push(await complete(requests[next++], sampling));
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, client));
  return { wallMs: performance.now() - startMs, samples };
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await measure(JSON.parse(line))));
}
await sluice.shutdown();
