/**
 * What HTTP costs: tokens per second over HTTP streaming against the same requests in-process, interleaved.
 *
 *   npx tsx benchmarks/http-overhead.ts
 *
 * Both sides serve the same number of closed-loop clients. The server is a process of its own; this process is its
 * client and, in turn, the host of the in-process side, so that one of the two is always idle. Beside the wall clock it
 * compares the CPU time per token of the serving process, which other work on the machine disturbs less.
 */
import http from "node:http";
import type { EngineHost } from "../src/host/client.js";
import { openModel } from "../src/host/open-model.js";
import { DEFAULT_ENGINE } from "../src/host/settings.js";
import { DEFAULT_SAMPLING } from "../src/scheduler/request.js";
import { DEFAULT_SCHEDULER } from "../src/scheduler/settings.js";
import { spawnServer } from "../src/targets/server-process.js";
import { median } from "./figures.js";
import { count, readFlags, text } from "./flags.js";

const flags = readFlags("Compares tokens per second over HTTP with the same requests in-process.", {
  model: text(DEFAULT_ENGINE.model, "what to run"),
  clients: count(32, "streams at once"),
  tokens: count(64, "tokens an answer"),
  rounds: count(5, "rounds after one that warms up"),
  requests: count(96, "requests a round"),
  threads: count(0, "compute threads; 0: one a core", 0),
});
const { model, clients, threads, tokens: maxTokens, requests: requestCount } = flags;
const prompts = Array.from({ length: requestCount }, (_, i) => `The ${i} small boats left the harbour before dawn and`);

interface Side {
  /** Runs a prompt to its end and returns its tokens. */
  send(prompt: string, seed: number): Promise<number>;
  /** CPU time of the serving process so far. */
  cpuSeconds(): Promise<number>;
}

interface Figures {
  readonly tokensPerSec: number;
  readonly cpuMsPerToken: number;
}

/** Runs every prompt with so many clients at once. */
async function measure({ send, cpuSeconds }: Side): Promise<Figures> {
  let next = 0;
  let tokens = 0;
  const cpuBefore = await cpuSeconds();
  const beganMs = performance.now();
  const client = async () => {
    while (next < prompts.length) {
      const seed = next++;
      const generated = await send(prompts[seed]!, seed);
      tokens += generated;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - beganMs) / 1000;
  return { tokensPerSec: tokens / seconds, cpuMsPerToken: (((await cpuSeconds()) - cpuBefore) * 1000) / tokens };
}

function inProcess(host: EngineHost): Side {
  let id = 0;
  const send = (prompt: string, seed: number) =>
    new Promise<number>((resolve, reject) => {
      const sampling = { ...DEFAULT_SAMPLING, seed, ignoreEos: true };
      const promptTokens = host.tokenize(prompt, true);
      const shared = { priority: 0, user: "", deadlineMs: Number.POSITIVE_INFINITY };
      host.submit({ id: `r${id++}`, promptTokens, maxTokens, sampling, ...shared }, (event) => {
        if (event.type === "finished") resolve(event.completionTokens);
        else if (event.type === "failed") reject(new Error(event.error.message));
      });
    });
  return {
    send,
    cpuSeconds: async () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  };
}

function overHttp(url: string): Side {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const headers = { "content-type": "application/json" };
  const send = (prompt: string, seed: number) =>
    new Promise<number>((resolve, reject) => {
      const request = http.request(`${url}/v1/completions`, { method: "POST", agent, headers }, (response) => {
        let tail = "";
        response.setEncoding("latin1");
        response.on("data", (text: string) => {
          tail = (tail + text).slice(-600);
        });
        response.on("end", () => resolve(Number(/"completion_tokens":(\d+)/.exec(tail)?.[1] ?? Number.NaN)));
        response.on("error", reject);
      });
      request.on("error", reject);
      const body = { prompt, seed, max_tokens: maxTokens, ignore_eos: true, stream: true };
      request.end(JSON.stringify({ ...body, stream_options: { include_usage: true } }));
    });
  return {
    send,
    cpuSeconds: async () => {
      const page = await (await fetch(`${url}/metrics`)).text();
      return Number(/^process_cpu_seconds_total\{.*\} (.*)$/m.exec(page)?.[1]);
    },
  };
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

const words = ["--model", model, "--max-num-seqs", String(clients)];
if (threads > 0) words.push("--threads", String(threads));
const server = await spawnServer(words, new AbortController().signal);
const scheduler = { ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: clients } };
const engine = { ...DEFAULT_ENGINE, model, slots: clients, threads };
const host = await openModel(engine, scheduler);
const sides = { inProcess: inProcess(host), http: overHttp(server.url) };
const figures: Record<keyof typeof sides, Figures[]> = { inProcess: [], http: [] };
for (let round = 0; round <= flags.rounds; round++) {
  for (const name of ["inProcess", "http"] as const) {
    const measured = await measure(sides[name]);
    // The first round warms both up.
    if (round > 0) figures[name].push(measured);
    const { tokensPerSec, cpuMsPerToken } = measured;
    console.log(
      `round ${round} ${name}: ${tokensPerSec.toFixed(0)} tokens/s, ${cpuMsPerToken.toFixed(2)} CPU ms a token`,
    );
  }
}
const pick = (name: keyof typeof sides, figure: keyof Figures) => figures[name].map((round) => round[figure]);
const ratios = pick("http", "tokensPerSec").map((rate, round) => rate / figures.inProcess[round]!.tokensPerSec);
const cpuRatios = pick("inProcess", "cpuMsPerToken").map((cpu, round) => cpu / figures.http[round]!.cpuMsPerToken);
console.log(`\n${model}, ${clients} clients, ${requestCount} requests of ${maxTokens} tokens, medians:`);
for (const name of ["inProcess", "http"] as const) {
  const rate = median(pick(name, "tokensPerSec")).toFixed(0);
  console.log(`${name}: ${rate} tokens/s, ${median(pick(name, "cpuMsPerToken")).toFixed(2)} CPU ms a token`);
}
console.log(
  `HTTP ÷ in-process: ${percent(median(ratios))} of the tokens/s (rounds: ${ratios.map(percent).join(", ")})`,
);
console.log(`by CPU time: ${percent(median(cpuRatios))} (rounds: ${cpuRatios.map(percent).join(", ")})`);
await server.stop();
await host.close();
