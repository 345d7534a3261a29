/**
 * Sets peers up and tries them one at a time. See README.md.
 *
 *   tsx bench/peers/cli.ts list
 *   tsx bench/peers/cli.ts setup [PEER...]
 *   tsx bench/peers/cli.ts try PEER --model FILE.gguf [--concurrency 8] [--requests 32] [--max-tokens 64] [--repeats 1]
 *     [--perf]      # after one repeat that warms up, says where the cores' time went
 */
import { parseArgs } from "node:util";
import { measureOverHttp } from "./http-load.js";
import { type Measurement, type Peer, type RunningPeer, tokensPerSec, type Workload } from "./peer.js";
import { withPerf } from "./perf.js";
import { peers } from "./registry.js";

const CONTEXT_PER_SLOT = 256;
const PROMPTS = [
  "The future of artificial intelligence is",
  "Climate change will impact our planet by",
  "Space exploration in the next decade will focus on",
  "Quantum computing offers advantages such as",
];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: "string" },
      concurrency: { type: "string", default: "8" },
      requests: { type: "string", default: "32" },
      "max-tokens": { type: "string", default: "64" },
      repeats: { type: "string", default: "1" },
      threads: { type: "string", default: "2" },
      port: { type: "string", default: "18200" },
      perf: { type: "boolean", default: false },
    },
  });
  const [command, ...names] = positionals;
  if (command === "list") {
    for (const peer of peers) console.log(`${peer.name.padEnd(28)}${peer.note}`);
  } else if (command === "setup") {
    for (const peer of names.length > 0 ? names.map(find) : peers) await peer.setup();
  } else if (command === "try" && names[0] && values.model) {
    const workload = closedLoop(Number(values.concurrency), Number(values.requests), Number(values["max-tokens"]));
    const running = await find(names[0]).start({
      modelPath: values.model,
      threads: Number(values.threads),
      slots: workload.concurrency,
      contextPerSlot: CONTEXT_PER_SLOT,
      port: Number(values.port),
    });
    try {
      if (values.perf) await measure(running, workload);
      for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
        const once = () => measure(running, workload);
        const measurement = await (values.perf ? withPerf(once) : once());
        console.log(JSON.stringify({ peer: names[0], ...summary(measurement) }));
      }
    } finally {
      await running.stop();
    }
  } else {
    throw new Error("usage: cli.ts list | setup [PEER...] | try PEER --model FILE.gguf");
  }
}

function find(name: string): Peer {
  const peer = peers.find((candidate) => candidate.name === name);
  if (!peer) throw new Error(`no peer '${name}'; there are: ${peers.map((known) => known.name).join(", ")}`);
  return peer;
}

function closedLoop(concurrency: number, count: number, maxTokens: number): Workload {
  const requests = Array.from({ length: count }, (_, i) => ({
    prompt: `${PROMPTS[i % PROMPTS.length]} ${i}`,
    maxTokens,
  }));
  return { concurrency, requests, sampling: { temperature: 0.7, topK: 50, topP: 0.95 } };
}

function measure(running: RunningPeer, workload: Workload): Promise<Measurement> {
  return running.kind === "http" ? measureOverHttp(running.baseUrl, workload) : running.measure(workload);
}

function summary(measurement: Measurement) {
  const latencies = measurement.samples.map((sample) => sample.latencyMs).sort((a, b) => a - b);
  const ttfts = measurement.samples.map((sample) => sample.ttftMs).sort((a, b) => a - b);
  const at = (sorted: number[], share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return {
    requests: measurement.samples.length,
    tokensPerSec: Math.round(tokensPerSec(measurement)),
    ttftP50Ms: at(ttfts, 0.5),
    ttftP95Ms: at(ttfts, 0.95),
    latencyP50Ms: at(latencies, 0.5),
    latencyP95Ms: at(latencies, 0.95),
  };
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // takes the peer along
await main();
