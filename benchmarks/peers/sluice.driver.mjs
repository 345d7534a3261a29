// Runs Sluice's library under the workloads of peer.ts, one JSON line in, one out.
//
//   node sluice.driver.mjs '{"modelPath":"m.gguf","threads":2,"slots":32,"contextPerSlot":256}'
import { createInterface } from "node:readline";
import { Sluice, yieldToEngine } from "../../dist/index.js";
import { driveWorkload } from "./pacing.mjs";

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

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const workload = JSON.parse(line);
  console.log(JSON.stringify(await driveWorkload(workload, (request) => complete(request, workload.sampling))));
}
await sluice.shutdown();
