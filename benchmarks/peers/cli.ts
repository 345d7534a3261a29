/** Sets peers up and tries them one at a time: `npx tsx benchmarks/peers/cli.ts --help`, and README.md. */
import { commandOf, count, refuse, toggle, type ValuesOf, withFlags } from "../flags.js";
import { measureOverHttp } from "./http-load.js";
import { type Measurement, type RunningPeer, tokensPerSec, type Workload } from "./peer.js";
import { withPerf } from "./perf.js";
import { findPeer, peers } from "./registry.js";

const CONTEXT_PER_SLOT = 256;
const PROMPTS = [
  "The future of artificial intelligence is",
  "Climate change will impact our planet by",
  "Space exploration in the next decade will focus on",
  "Quantum computing offers advantages such as",
];

const program = commandOf("Sets peers up and tries them one at a time.");

program
  .command("list")
  .description("name them")
  .action(() => {
    for (const peer of peers) console.log(`${peer.name.padEnd(28)}${peer.note}`);
  });

program
  .command("setup [peers...]")
  .description("download and build what they need; all of them unless named")
  .action(async (names: string[]) => {
    const chosen = names.length > 0 ? names.map(findPeer) : peers;
    for (const peer of chosen) await peer.setup();
  });

const TRY_FLAGS = {
  concurrency: count(8, "requests at once"),
  requests: count(32, "requests a repeat"),
  maxTokens: count(64, "tokens an answer"),
  repeats: count(1, "how often"),
  threads: count(2, "compute threads"),
  port: count(18_200, "for peers that are servers"),
  perf: toggle("after a repeat that warms up, say where the cores' time went"),
};

const tryCommand = program
  .command("try <peer>")
  .description("drive one peer with a closed loop of clients")
  .requiredOption("--model <file>", "a GGUF file");
withFlags(tryCommand, TRY_FLAGS).action(tryPeer);

async function tryPeer(name: string, flags: ValuesOf<typeof TRY_FLAGS> & { readonly model: string }): Promise<void> {
  const workload = closedLoop(flags.concurrency, flags.requests, flags.maxTokens);
  const running = await findPeer(name).start({
    modelPath: flags.model,
    threads: flags.threads,
    slots: workload.concurrency,
    contextPerSlot: CONTEXT_PER_SLOT,
    port: flags.port,
  });
  try {
    if (flags.perf) await measure(running, workload);
    for (let repeat = 0; repeat < flags.repeats; repeat++) {
      const once = () => measure(running, workload);
      const measurement = await (flags.perf ? withPerf(once) : once());
      console.log(JSON.stringify({ peer: name, ...summary(measurement) }));
    }
  } finally {
    await running.stop();
  }
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
await program.parseAsync().catch(refuse);
