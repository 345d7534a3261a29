// Runs node-llama-cpp's public API under the workloads of peer.ts, one JSON line in, one out.
//
//   node node-llama-cpp.driver.mjs '{"modelPath":"m.gguf","threads":2,"slots":32,"contextPerSlot":256}'
//
// Requests take turns on the sequences of a shared context, which the library batches by itself.
import { createInterface } from "node:readline";
import { getLlama } from "node-llama-cpp";
import { driveWorkload } from "./pacing.mjs";

const { modelPath, threads, slots, contextPerSlot } = JSON.parse(process.argv[2]);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: "error" });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  sequences: slots,
  contextSize: contextPerSlot,
  batchSize: 2048,
  threads,
  flashAttention: true,
});
const free = Array.from({ length: slots }, () => context.getSequence());
const waiting = [];

/** Generates exactly `maxTokens` tokens and turns them into text, as any user of the library would. */
async function complete(sequence, { prompt, maxTokens }, sampling, sentMs) {
  let ttftMs = 0;
  const tokens = [];
  const options = { ...sampling, yieldEogToken: true };
  for await (const token of sequence.evaluate(model.tokenize(prompt), options)) {
    tokens.push(token);
    if (tokens.length === 1) ttftMs = performance.now() - sentMs;
    if (tokens.length === maxTokens) break;
  }
  model.detokenize(tokens);
  await sequence.clearHistory();
  return { ttftMs, latencyMs: performance.now() - sentMs, outputTokens: tokens.length };
}

/** Waits for a free sequence, in the order of arrival, and hands it on. */
async function withSequence(use) {
  const sequence = free.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
  try {
    return await use(sequence);
  } finally {
    const next = waiting.shift();
    if (next) next(sequence);
    else free.push(sequence);
  }
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const workload = JSON.parse(line);
  const send = (request) => {
    const sentMs = performance.now();
    return withSequence((sequence) => complete(sequence, request, workload.sampling, sentMs));
  };
  console.log(JSON.stringify(await driveWorkload(workload, send)));
}
process.exit(0); // native handles of the library would keep the process alive
