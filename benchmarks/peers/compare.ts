/**
 * Sluice beside its peers: same machine, same weights, same requests, in turns. Every measurement is kept in a folder
 * as it is made, so that peers and workloads can be measured bit by bit and shown in one table.
 *
 *     npm run bench:peers -- [--peers NAME,...] [--workloads 1,8,mixed]
 *     npm run bench:peers -- --from results/peers
 *
 * Each invocation is a run: only its own rounds are compared pair by pair, so let Sluice take part in every one.
 * `poisson70` and `poisson95` need llama-server's rate on `prompts`, from this run or an earlier one in the folder.
 */
import { setTimeout } from "node:timers/promises";
import { SluiceError } from "../../src/errors.js";
import { resolveModel } from "../../src/models/resolve.js";
import { count, readFlags, refuse, text } from "../flags.js";
import { measureOverHttp } from "./http-load.js";
import type { Measurement, Peer, RunningPeer, Workload } from "./peer.js";
import { findPeer, peers } from "./registry.js";
import { llamaServerCapacity, type Result, ResultsFolder } from "./results.js";
import { tableOf } from "./table.js";
import { isOpenLoop, needsOf, WORKLOAD_NAMES, workloadOf } from "./workloads.js";

const FIRST_PORT = 18_300;
const MS_PER_MINUTE = 60_000;
/** llama.cpp's idle compute threads spin for a quarter of a second after the last step; nobody is to begin beside them. */
const SETTLE_MS = 1000;

const flags = readFlags("Measures Sluice beside its peers, in turns.", {
  model: text("standin:distilgpt2", "a GGUF file or a stand-in"),
  peers: text(peers.map((peer) => peer.name).join(","), "who takes part, separated by commas"),
  workloads: text("1,8,32,64,mixed", `what is asked of them, separated by commas; each is ${WORKLOAD_NAMES}`),
  rounds: count(5, "rounds after one that warms up"),
  minutes: count(Number.POSITIVE_INFINITY, "no round begins after so long"),
  requests: count(Number.POSITIVE_INFINITY, "at most so many a round, for trying a set-up"),
  threads: count(2, "compute threads of every system"),
  results: text("results/peers", "folder where measurements are kept"),
  from: text(undefined, "only show what this folder holds"),
});
const names = flags.workloads.split(",");

interface Running {
  readonly peer: Peer;
  readonly running: RunningPeer;
}

const beganMs = performance.now();
const run = new Date().toISOString();
const folder = new ResultsFolder(flags.from ?? flags.results);

async function startAll(workload: string, modelPath: string, participants: readonly Peer[]): Promise<Running[]> {
  const able = participants.filter((peer) => peer.canRun?.(workload) ?? true);
  const started: Running[] = [];
  try {
    for (const [i, peer] of able.entries()) {
      const options = { modelPath, threads: flags.threads, ...needsOf(workload), port: FIRST_PORT + i };
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
  for (let round = 0; round <= flags.rounds && inTime(); round++) {
    for (const system of started) {
      const { name: peer, requestShare = 1 } = system.peer;
      await setTimeout(SETTLE_MS);
      const measurement = await measure(system, shortened(workloadOf(name, round, requestsPerSec), requestShare));
      const result: Result = { run, workload: name, round, peer, threads: flags.threads, measurement };
      if (round > 0) folder.add(result);
    }
  }
}

/** A part of the requests, but one for every client unless `--requests` wants fewer. */
function shortened({ concurrency, requests, sampling }: Workload, share: number): Workload {
  const most = flags.requests;
  const count = Math.min(most, Math.max(concurrency, Math.ceil(requests.length * share)));
  return { concurrency: Math.min(concurrency, most), requests: requests.slice(0, count), sampling };
}

function inTime(): boolean {
  return performance.now() - beganMs < flags.minutes * MS_PER_MINUTE;
}

async function compare(): Promise<void> {
  const participants = flags.peers.split(",").map(findPeer);
  names.forEach(needsOf); // a wrong name is told before anything is measured
  const model = await resolveModel(flags.model);
  if (model.kind !== "gguf") throw new SluiceError("usage", `the peers need a GGUF file, not ${flags.model}`);
  for (const name of names) {
    if (!inTime()) break;
    const started = await startAll(name, model.path, participants);
    try {
      await measureRounds(name, started);
    } finally {
      await stopAll(started);
    }
  }
}

if (flags.from === undefined) await compare().catch(refuse);
const shown = folder.all().filter((result) => flags.from !== undefined || result.run === run);
if (shown.length === 0)
  refuse(new SluiceError("usage", `${flags.from ?? flags.results} holds no measurements to show`));
for (const workload of new Set(shown.map((result) => result.workload))) console.log(tableOf(workload, shown));
process.exit(0);
