/**
 * Sluice beside its peers: same machine, same weights, same requests, in turns. Every measurement is kept in a folder
 * as it is made, so that peers and workloads can be measured bit by bit and shown in one table.
 *
 *     npm run bench:peers -- [--model FILE.gguf] [--peers NAME,...] [--workloads 1,8,32,64,mixed,prompts,prefix]
 *       [--rounds 5] [--minutes 8] [--requests N] [--results results/peers]
 *     npm run bench:peers -- --from results/peers
 *
 * Each invocation is a run: only its own rounds are compared pair by pair, so let Sluice take part in every one.
 * `poisson70` and `poisson95` need llama-server's rate on `prompts`, from this run or an earlier one in the folder.
 */
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { resolveModel } from "../../src/models/resolve.js";
import { measureOverHttp } from "./http-load.js";
import type { Measurement, Peer, RunningPeer, Workload } from "./peer.js";
import { peers } from "./registry.js";
import { llamaServerCapacity, type Result, ResultsFolder } from "./results.js";
import { tableOf } from "./table.js";
import { isOpenLoop, needsOf, workloadOf } from "./workloads.js";

const FIRST_PORT = 18_300;
const MS_PER_MINUTE = 60_000;
/** llama.cpp's idle compute threads spin for a quarter of a second after the last step; nobody is to begin beside them. */
const SETTLE_MS = 1000;

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "standin:distilgpt2" },
    peers: { type: "string", default: peers.map((peer) => peer.name).join(",") },
    workloads: { type: "string", default: "1,8,32,64,mixed" },
    rounds: { type: "string", default: "5" },
    /** No round begins after so long. */
    minutes: { type: "string", default: "Infinity" },
    /** At most so many requests a round: for trying a set-up. */
    requests: { type: "string", default: "Infinity" },
    threads: { type: "string", default: "2" },
    results: { type: "string", default: "results/peers" },
    from: { type: "string" },
  },
});

interface Running {
  readonly peer: Peer;
  readonly running: RunningPeer;
}

const beganMs = performance.now();
const run = new Date().toISOString();
const folder = new ResultsFolder(values.from ?? values.results);

function namedPeers(): Peer[] {
  return values.peers.split(",").map((name) => {
    const peer = peers.find((candidate) => candidate.name === name);
    if (!peer) throw new Error(`no peer "${name}"; there are: ${peers.map((known) => known.name).join(", ")}`);
    return peer;
  });
}

async function startAll(workload: string, modelPath: string): Promise<Running[]> {
  const able = namedPeers().filter((peer) => peer.canRun?.(workload) ?? true);
  const started: Running[] = [];
  try {
    for (const [i, peer] of able.entries()) {
      const options = { modelPath, threads: Number(values.threads), ...needsOf(workload), port: FIRST_PORT + i };
      started.push({ peer, running: await peer.start(options) });
      console.error(`${workload}: ${peer.name} is up`);
    }
  } catch (error) {
    await stopAll(started);
    throw error;
  }
  return started;
}

async function stopAll(started: readonly Running[]): Promise<void> {
  await Promise.all(started.map(({ running }) => running.stop()));
}

function measure({ running }: Running, workload: Workload): Promise<Measurement> {
  return running.kind === "http" ? measureOverHttp(running.baseUrl, workload) : running.measure(workload);
}

/** Every system in every round, in turns. The first round warms up and is not kept. */
async function measureRounds(name: string, started: readonly Running[]): Promise<void> {
  const requestsPerSec = isOpenLoop(name) ? llamaServerCapacity(folder.all()) : undefined;
  for (let round = 0; round <= Number(values.rounds) && inTime(); round++) {
    for (const system of started) {
      const { name: peer, requestShare = 1 } = system.peer;
      await setTimeout(SETTLE_MS);
      const measurement = await measure(system, shortened(workloadOf(name, round, requestsPerSec), requestShare));
      const result: Result = { run, workload: name, round, peer, threads: Number(values.threads), measurement };
      if (round > 0) folder.add(result);
    }
  }
}

/** A part of the requests, but one for every client unless `--requests` wants fewer. */
function shortened({ concurrency, requests, sampling }: Workload, share: number): Workload {
  const most = Number(values.requests);
  const count = Math.min(most, Math.max(concurrency, Math.ceil(requests.length * share)));
  return { concurrency: Math.min(concurrency, most), requests: requests.slice(0, count), sampling };
}

function inTime(): boolean {
  return performance.now() - beganMs < Number(values.minutes) * MS_PER_MINUTE;
}

async function compare(): Promise<void> {
  const model = await resolveModel(values.model);
  if (model.kind !== "gguf") throw new Error("the peers need a GGUF file");
  for (const name of values.workloads.split(",")) {
    if (!inTime()) break;
    const started = await startAll(name, model.path);
    try {
      await measureRounds(name, started);
    } finally {
      await stopAll(started);
    }
  }
}

if (values.from === undefined) await compare();
const shown = folder.all().filter((result) => values.from !== undefined || result.run === run);
for (const workload of new Set(shown.map((result) => result.workload))) console.log(tableOf(workload, shown));
process.exit(0);
