/**
 * Sluice beside its peers: same machine, same weights, same requests, in turns. Prints one table per workload with
 * tokens/s, Sluice's ratio to each system pair by pair, and p95 TTFT and latency; `--json FILE` keeps every measurement.
 *
 *     npm run bench:peers -- [--model FILE.gguf] [--peers NAME,...] [--workloads 1,8,32,64,mixed] [--rounds 5] [--json FILE]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { resolveModel } from "../../src/models/resolve.js";
import { Random } from "../../src/random.js";
import { median, spread } from "../figures.js";
import { measureOverHttp } from "./http-load.js";
import { type Measurement, type Peer, type RunningPeer, tokensPerSec, type Workload } from "./peer.js";
import { peers } from "./registry.js";

const PROMPTS = [
  "The future of artificial intelligence is",
  "Climate change will impact our planet by",
  "Space exploration in the next decade will focus on",
  "Quantum computing offers advantages such as",
];
const SAMPLING = { temperature: 0.7, topK: 50, topP: 0.95 };
const CONTEXT_PER_SLOT = 256;
const FIRST_PORT = 18_300;
const ROW_HEADER = ["tokens/s, median (min–max)", "sluice ÷ it", "p95 TTFT ms", "p95 latency ms"];

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "standin:distilgpt2" },
    peers: { type: "string", default: peers.map((peer) => peer.name).join(",") },
    workloads: { type: "string", default: "1,8,32,64,mixed" },
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: "2" },
    json: { type: "string" },
  },
});

interface Running {
  readonly peer: Peer;
  readonly running: RunningPeer;
}

interface Round {
  readonly workload: string;
  readonly round: number;
  readonly peer: string;
  readonly measurement: Measurement;
}

/** Enough requests for some seconds of steady work at the given concurrency. */
function workloadOf(name: string): Workload {
  const mixed = name === "mixed";
  const concurrency = mixed ? 32 : Number(name);
  const random = new Random(1);
  const requests = Array.from({ length: Math.max(concurrency * 3, 4) }, (_, i) => ({
    prompt: `${PROMPTS[i % PROMPTS.length]} ${i}`,
    maxTokens: mixed ? random.integer(8, 128) : 64,
  }));
  return { concurrency, requests, sampling: SAMPLING };
}

async function startAll(modelPath: string, slots: number): Promise<Running[]> {
  const started: Running[] = [];
  for (const [i, name] of values.peers.split(",").entries()) {
    const peer = peers.find((candidate) => candidate.name === name);
    if (!peer) throw new Error(`no peer "${name}"; there are: ${peers.map((known) => known.name).join(", ")}`);
    const port = FIRST_PORT + i;
    const running = await peer.start({
      modelPath,
      threads: Number(values.threads),
      slots,
      contextPerSlot: CONTEXT_PER_SLOT,
      port,
    });
    started.push({ peer, running });
    console.error(`${name} is up`);
  }
  return started;
}

function measure({ running }: Running, workload: Workload): Promise<Measurement> {
  return running.kind === "http" ? measureOverHttp(running.baseUrl, workload) : running.measure(workload);
}

/** Rows of equal length are all that llama-batched-bench can do. */
function canRun({ peer }: Running, workload: string): boolean {
  return workload !== "mixed" || peer.name !== "llama-batched-bench";
}

async function measureAll(started: readonly Running[], workloads: readonly string[]): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const workload of workloads) {
    const able = started.filter((system) => canRun(system, workload));
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const system of able) {
        const measurement = await measure(system, workloadOf(workload));
        if (round > 0) rounds.push({ workload, round, peer: system.peer.name, measurement }); // the first warms up
      }
    }
    console.log(table(workload, able, rounds));
  }
  return rounds;
}

function table(workload: string, able: readonly Running[], rounds: readonly Round[]): string {
  const of = (peer: string) => rounds.filter((round) => round.workload === workload && round.peer === peer);
  const rates = (peer: string) => of(peer).map(({ measurement }) => tokensPerSec(measurement));
  const p95 = (peer: string, time: "ttftMs" | "latencyMs") =>
    median(of(peer).map(({ measurement }) => percentile95(measurement.samples.map((sample) => sample[time]))));
  const rows = able.map(({ peer: { name } }) => {
    const own = rates(
      name === "llama-batched-bench" || name === "node-llama-cpp" ? "sluice in-process" : "sluice serve",
    );
    const ratio =
      own.length > 0
        ? spread(
            own.map((rate, i) => rate / rates(name)[i]!),
            2,
          )
        : "–";
    return [name, spread(rates(name), 0), ratio, p95(name, "ttftMs").toFixed(0), p95(name, "latencyMs").toFixed(0)];
  });
  const title = workload === "mixed" ? "32 clients, outputs of 8–128 tokens" : `${workload} clients, 64 tokens`;
  const lines = [[title, ...ROW_HEADER], ["---", "---", "---", "---", "---"], ...rows];
  return `\n${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}`;
}

function percentile95(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = 0.95 * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (place % 1) * (sorted[Math.ceil(place)]! - below);
}

const model = await resolveModel(values.model);
if (model.kind !== "gguf") throw new Error("the peers need a GGUF file");
const workloads = values.workloads.split(",");
const slots = Math.max(...workloads.map((name) => workloadOf(name).concurrency));
const started = await startAll(model.path, slots);
try {
  const rounds = await measureAll(started, workloads);
  if (values.json) writeFileSync(values.json, JSON.stringify(rounds));
} finally {
  await Promise.all(started.map(({ running }) => running.stop()));
}
process.exit(0);
