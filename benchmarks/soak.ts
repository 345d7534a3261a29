/**
 * Soak test of `sluice serve`: 200 clients, 5,000 requests, one in ten hangs up, one in twenty is invalid.
 *
 *   npm run soak [-- --help]
 *
 * Memory is that of the server's process after the garbage of all its threads was collected (soak-probe.mjs), measured
 * after a warm-up of 1,000 requests, which compiles the code, fills the bounded histories and touches the engine's
 * buffers, and then after every round. Resident memory as it stands is printed beside it: V8 lets its heaps grow for a
 * long time before it collects them, which is neither a leak nor a sign that there is none.
 *
 * Prints what it checked and ends with 1 if something did not hold.
 */
import { count, readFlags, text } from "./flags.js";
import { type MobReport, runMob } from "./soak-load.js";
import { type Memory, SoakServer } from "./soak-server.js";

const QUEUE_BOUND = 64;
const WARM_UP_REQUESTS = 1000;
const MAX_MEMORY_GROWTH = 0.1;
/** Far from each other, so that no two rounds send the same requests. */
const SEEDS_PER_ROUND = 1_000_000;

const flags = readFlags("Lets clients that hang up or send nonsense loose on the server, and checks what must hold.", {
  requests: count(5000, "requests of all rounds"),
  rounds: count(5, "after each, memory is measured"),
  clients: count(200, "how many at once"),
  model: text("standin:nano", "what to serve"),
  seed: count(1, "of the requests", 0),
  threads: count(1, "compute threads; one leaves room for the clients, which run on the same machine"),
});

interface Check {
  readonly name: string;
  readonly found: string;
  readonly holds: boolean;
}

const { rounds, seed, model, clients } = flags;
const server = await SoakServer.start([
  ...["--model", model, "--threads", String(flags.threads)],
  ...["--max-num-queued-reqs", String(QUEUE_BOUND)],
]);
const mob = {
  url: server.url,
  clients,
  maxTokens: 24,
  disconnectShare: 0.1,
  invalidShare: 0.05,
};
await runMob({ ...mob, requests: WARM_UP_REQUESTS, seed });
await server.settled();
const start = await server.memory();
printMemory("after warm-up", start, start);

const queue = server.watchQueue();
const beganMs = performance.now();
const total: MobReport = { valid: 0, disconnected: 0, invalid: 0, refused: 0, completionTokens: 0, faults: [] };
let end = start;
let nothingLeft = true;
for (let round = 1; round <= rounds; round++) {
  const requests = Math.round(flags.requests / rounds);
  const report = await runMob({ ...mob, requests, seed: seed + round * SEEDS_PER_ROUND });
  add(total, report);
  nothingLeft = (await server.settled()) && nothingLeft;
  const before = end;
  end = await server.memory();
  printMemory(`round ${round} of ${rounds}`, end, before);
}
const seconds = (performance.now() - beganMs) / 1000;
const mostWaiting = await queue.stop();
const metric = await server.readMetrics();
const aborted = metric('sluice:request_success_total{finished_reason="abort"');
server.child.kill("SIGTERM");
const exitCode = await server.exited;

const checks = check();
const { valid, disconnected, invalid, completionTokens, faults } = total;
console.log(
  `\n${model}, ${clients} clients: ${valid} valid, ${disconnected} hung up, ${invalid} invalid in ${seconds.toFixed(0)} s`,
);
console.log(`${(completionTokens / seconds).toFixed(0)} tokens/s\n`);
for (const { name, found, holds } of checks) console.log(`${holds ? "ok  " : "FAIL"} ${name} (${found})`);
for (const fault of faults.slice(0, 20)) console.log(`     ${fault}`);
process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;

function add(sum: MobReport, { valid, disconnected, invalid, refused, completionTokens, faults }: MobReport): void {
  sum.valid += valid;
  sum.disconnected += disconnected;
  sum.invalid += invalid;
  sum.refused += refused;
  sum.completionTokens += completionTokens;
  sum.faults.push(...faults);
}

function printMemory(when: string, memory: Memory, before: Memory): void {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const growth = (100 * (memory.keptBytes / before.keptBytes - 1)).toFixed(1);
  const parts = `heaps ${mib(memory.mainHeapBytes)} + ${mib(memory.hostHeapBytes)}, buffers ${mib(memory.externalBytes)}`;
  console.log(`${when}: kept ${mib(memory.keptBytes)} (${growth} %), ${parts}; resident ${mib(memory.rssBytes)}`);
}

function check(): Check[] {
  const { disconnected, valid, refused, faults } = total;
  const growth = end.keptBytes / start.keptBytes - 1;
  return [
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
}
