/**
 * What serving costs the server's own threads: CPU time per token, thread by thread, under closed-loop streaming clients.
 * CPU time means something on a busy machine too, where tokens per second do not. The mock engine only sleeps, so what
 * is counted is the server itself: reading requests, passing events on, writing frames.
 *
 *   npm run build && npx tsx benchmarks/server-cpu.ts
 *
 * `--packages` compares builds of other checkouts in turns. Needs Linux (/proc).
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readyUrl } from "../src/targets/server-process.js";
import { spread } from "./figures.js";
import { count, readFlags, text } from "./flags.js";
import { measureOverHttp } from "./peers/http-load.js";

const flags = readFlags("Counts the CPU time a token of each of the server's threads.", {
  model: text("mock", "what to serve"),
  clients: count(32, "streams at once"),
  tokens: count(64, "tokens an answer"),
  requests: count(96, "requests a round"),
  rounds: count(3, "rounds after one that warms up"),
  packages: text(".", "folders of builds to compare in turns, separated by commas"),
});
const SAMPLING = { temperature: 0.7, topK: 50, topP: 0.95 };
const NS_PER_US = 1000;

interface Server {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  stop(): void;
}

async function startServer(name: string): Promise<Server> {
  const main = join(resolve(name), "dist", "cli", "main.js");
  const words = ["serve", "--port", "0", "--model", flags.model, "--slots", String(flags.clients)];
  words.push("--max-num-seqs", String(flags.clients), "--log-level", "warn");
  const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  const url = await readyUrl(child);
  return { name, pid: child.pid!, url, stop: () => child.kill("SIGTERM") };
}

interface ThreadTimes {
  readonly mainUs: number;
  /** Engine host, garbage collection, compiler and pool threads. */
  readonly othersUs: number;
}

/** CPU time of a process's threads since they began (/proc/PID/task/TID/schedstat: nanoseconds). */
function threadTimes(pid: number): ThreadTimes {
  let mainUs = 0;
  let othersUs = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const us = Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]) / NS_PER_US;
    if (Number(thread) === pid) mainUs += us;
    else othersUs += us;
  }
  return { mainUs, othersUs };
}

/** @returns microseconds per token */
async function measure({ pid, url }: Server): Promise<ThreadTimes> {
  const requests = Array.from({ length: flags.requests }, (_, i) => ({
    prompt: `The ${i} small boats left the harbour before dawn and`,
    maxTokens: flags.tokens,
  }));
  const before = threadTimes(pid);
  const { samples } = await measureOverHttp(url, { concurrency: flags.clients, requests, sampling: SAMPLING });
  const after = threadTimes(pid);
  const tokens = samples.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  return {
    mainUs: (after.mainUs - before.mainUs) / tokens,
    othersUs: (after.othersUs - before.othersUs) / tokens,
  };
}

const servers = await Promise.all(flags.packages.split(",").map(startServer));
const measured = new Map(servers.map((server) => [server, [] as ThreadTimes[]]));
for (let round = 0; round <= flags.rounds; round++) {
  for (const server of servers) {
    const times = await measure(server);
    if (round > 0) measured.get(server)!.push(times); // the first warms up
  }
}
console.log(`${flags.model}, ${flags.clients} clients, CPU µs a token, median (min–max):`);
for (const [{ name }, times] of measured) {
  const figure = (pick: (each: ThreadTimes) => number) => spread(times.map(pick), 1);
  console.log(`${name}: main thread ${figure((each) => each.mainUs)}, others ${figure((each) => each.othersUs)}`);
}
for (const server of servers) server.stop();
process.exit(0);
