/**
 * Soak test of `sluice serve`: 200 clients, 5,000 requests, one in ten hangs up, one in twenty is invalid.
 *
 *   npm run soak [-- --requests 5000 --clients 200 --model standin:nano --seed 1 --threads 1]
 *
 * Prints what it checked and ends with 1 if something did not hold.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runMob } from "./soak-load.js";

const QUEUE_BOUND = 64;
const WARM_UP_REQUESTS = 1000;
const MAX_MEMORY_GROWTH = 0.1;
/** Tenths of a second. */
const SETTLE_ATTEMPTS = 20;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "5000" },
    clients: { type: "string", default: "200" },
    model: { type: "string", default: "standin:nano" },
    seed: { type: "string", default: "1" },
    // One compute thread leaves room for the clients, which run on the same machine.
    threads: { type: "string", default: "1" },
  },
});

interface Check {
  readonly name: string;
  readonly found: string;
  readonly holds: boolean;
}

async function startServer() {
  const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  const words = [
    "serve",
    "--port",
    "0",
    "--model",
    values.model,
    "--max-num-queued-reqs",
    String(QUEUE_BOUND),
    "--threads",
    values.threads,
  ];
  const child = spawn(process.execPath, [main, ...words, "--log-level", "error"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const complaints: string[] = [];
  child.stdout.on("data", (data) => complaints.push(String(data)));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (data) => {
      const found = /is served at (http:\S+)/.exec(String(data));
      if (found) resolve(found[1]!);
      else complaints.push(String(data));
    });
    void exited.then((code) => reject(new Error(`the server ended with ${code}: ${complaints.join("")}`)));
  });
  return { url, child, complaints, exited };
}

/** Values of the metrics page by name, added up over labels. */
async function readMetrics(url: string): Promise<(name: string) => number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  return (name) =>
    lines
      .filter((line) => line.startsWith(name) && /[{,]/.test(line.charAt(name.length)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Whether no request is left a moment after the last client went. */
async function settled(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
    const metric = await readMetrics(url);
    if (metric("sluice:num_requests_running") + metric("sluice:num_requests_waiting") === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Notes the longest queue that the server reports while the mob is at it. */
function watchQueue(url: string): { stop(): Promise<number> } {
  let most = 0;
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      most = Math.max(most, (await readMetrics(url))("sluice:num_requests_waiting"));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return most;
    },
  };
}

const server = await startServer();
const mob = {
  url: server.url,
  clients: Number(values.clients),
  maxTokens: 24,
  disconnectShare: 0.1,
  invalidShare: 0.05,
};
await runMob({ ...mob, requests: WARM_UP_REQUESTS, seed: Number(values.seed) + 1_000_000 });
await settled(server.url);
const rssBytesBefore = (await readMetrics(server.url))("process_resident_memory_bytes");
const queue = watchQueue(server.url);
const beganMs = performance.now();
const report = await runMob({
  ...mob,
  requests: Number(values.requests),
  seed: Number(values.seed),
  onProgress: (done) => {
    if (done % 500 === 0) console.log(`${done} requests, ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  },
});
const seconds = (performance.now() - beganMs) / 1000;
const mostWaiting = await queue.stop();
const nothingLeft = await settled(server.url);
const metric = await readMetrics(server.url);
const aborted = metric('sluice:request_success_total{finished_reason="abort"');
const growth = metric("process_resident_memory_bytes") / rssBytesBefore - 1;
server.child.kill("SIGTERM");
const exitCode = await server.exited;

const { valid, disconnected, invalid, refused, completionTokens, faults } = report;
const checks: Check[] = [
  {
    name: "every valid request got exactly its tokens",
    found: `${valid} requests, ${faults.length} faults`,
    holds: faults.length === 0,
  },
  {
    name: "every hang-up freed its slot",
    found: `${disconnected} hang-ups, ${aborted} noticed before the end`,
    holds: nothingLeft,
  },
  {
    name: `the queue bound of ${QUEUE_BOUND} held`,
    found: `most waiting: ${mostWaiting}`,
    holds: mostWaiting <= QUEUE_BOUND,
  },
  { name: "clients that waited as told were served", found: `${refused} times 503`, holds: faults.length === 0 },
  {
    name: "memory is back within ± 10 %",
    found: `${(growth * 100).toFixed(1)} %`,
    holds: Math.abs(growth) <= MAX_MEMORY_GROWTH,
  },
  {
    name: "nothing was logged as an error",
    found: server.complaints.join("").slice(0, 200) || "nothing",
    holds: server.complaints.length === 0,
  },
  { name: "SIGTERM ended it with 0", found: `${exitCode}`, holds: exitCode === 0 },
];
console.log(
  `\n${values.model}, ${values.clients} clients: ${valid} valid, ${disconnected} hung up, ${invalid} invalid in ${seconds.toFixed(0)} s`,
);
console.log(`${(completionTokens / seconds).toFixed(0)} tokens/s\n`);
for (const { name, found, holds } of checks) console.log(`${holds ? "ok  " : "FAIL"} ${name} (${found})`);
for (const fault of faults.slice(0, 20)) console.log(`     ${fault}`);
process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;
