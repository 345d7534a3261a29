// Runs node-llama-cpp's public API under the closed-loop workloads of peer.ts, one JSON line in, one out.
//
//   node node-llama-cpp.driver.mjs '{"modelPath":"m.gguf","threads":2,"slots":32,"contextPerSlot":256}'
//
// Every client owns one sequence of a shared context, which the library batches by itself.
import { createInterface } from "node:readline";
import { getLlama } from "node-llama-cpp";

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
const sequences = Array.from({ length: slots }, () => context.getSequence());

/** Generates exactly `maxTokens` tokens and turns them into text, as any user of the library would. */
async function complete(sequence, { prompt, maxTokens }, sampling) {
  const sentMs = performance.now();
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

async function measure({ concurrency, requests, sampling }) {
  const samples = [];
  let next = 0;
  const client = async (sequence) => {
    while (next < requests.length) samples.push(await complete(sequence, requests[next++], sampling));
  };
  const startMs = performance.now();
  await Promise.all(sequences.slice(0, concurrency).map(client));
  return { wallMs: performance.now() - startMs, samples };
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await measure(JSON.parse(line))));
}
process.exit(0); // native handles of the library would keep the process alive
