/**
 * What HTTP costs: tokens per second over HTTP streaming against the same requests in-process, interleaved.
 *
 *   npx tsx bench/http-overhead.ts [--model standin:distilgpt2] [--clients 32] [--tokens 64] [--rounds 5]
 *
 * Both sides serve the same number of closed-loop clients. The server is a process of its own; this process is its
 * client and, in turn, the host of the in-process side, so that one of the two is always idle.
 */
import { spawn } from "node:child_process";
import http from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { EngineHost } from "../src/host/client.js";
import { openModel } from "../src/host/open-model.js";
import { DEFAULT_ENGINE } from "../src/host/settings.js";
import { DEFAULT_SAMPLING } from "../src/scheduler/request.js";
import { DEFAULT_SCHEDULER } from "../src/scheduler/settings.js";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: DEFAULT_ENGINE.model },
    clients: { type: "string", default: "32" },
    tokens: { type: "string", default: "64" },
    rounds: { type: "string", default: "5" },
    requests: { type: "string", default: "96" },
  },
});
const clients = Number(values.clients);
const maxTokens = Number(values.tokens);
const requestCount = Number(values.requests);
const prompts = Array.from({ length: requestCount }, (_, i) => `The ${i} small boats left the harbour before dawn and`);

/** Runs every prompt with so many clients at once; returns tokens per second. */
async function measure(send: (prompt: string, seed: number) => Promise<number>): Promise<number> {
  let next = 0;
  let tokens = 0;
  const beganMs = performance.now();
  const client = async () => {
    while (next < prompts.length) {
      const seed = next++;
      const generated = await send(prompts[seed]!, seed);
      tokens += generated;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return tokens / ((performance.now() - beganMs) / 1000);
}

function inProcess(host: EngineHost): (prompt: string, seed: number) => Promise<number> {
  let id = 0;
  return (prompt, seed) =>
    new Promise((resolve, reject) => {
      const sampling = { ...DEFAULT_SAMPLING, seed, ignoreEos: true };
      const promptTokens = host.tokenize(prompt, true);
      const shared = { priority: 0, user: "", deadlineMs: Number.POSITIVE_INFINITY };
      host.submit({ id: `r${id++}`, promptTokens, maxTokens, sampling, ...shared }, (event) => {
        if (event.type === "finished") resolve(event.completionTokens);
        else if (event.type === "failed") reject(new Error(event.error.message));
      });
    });
}

function overHttp(url: string): (prompt: string, seed: number) => Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const headers = { "content-type": "application/json" };
  return (prompt, seed) =>
    new Promise((resolve, reject) => {
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
}

async function startServer(): Promise<{ url: string; stop(): void }> {
  const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  const words = [main, "serve", "--port", "0", "--model", values.model, "--max-num-seqs", values.clients];
  const child = spawn(process.execPath, [...words, "--log-level", "warn"], { stdio: ["ignore", "inherit", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (data) => {
      const found = /is served at (http:\S+)/.exec(String(data));
      if (found) resolve(found[1]!);
      else process.stderr.write(data);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { url, stop: () => child.kill("SIGTERM") };
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const server = await startServer();
const scheduler = { ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: clients } };
const host = await openModel({ ...DEFAULT_ENGINE, model: values.model, slots: clients }, scheduler);
const sides = { inProcess: inProcess(host), http: overHttp(server.url) };
const perSec: Record<keyof typeof sides, number[]> = { inProcess: [], http: [] };
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const side of ["inProcess", "http"] as const) {
    const rate = await measure(sides[side]);
    // The first round warms both up.
    if (round > 0) perSec[side].push(rate);
    console.log(`round ${round} ${side}: ${rate.toFixed(0)} tokens/s`);
  }
}
const ratios = perSec.http.map((rate, i) => rate / perSec.inProcess[i]!);
console.log(
  `${values.model}, ${clients} clients, ${requestCount} requests of ${maxTokens} tokens, medians of ${values.rounds}:`,
);
console.log(
  `in-process ${median(perSec.inProcess).toFixed(0)} tokens/s, HTTP streaming ${median(perSec.http).toFixed(0)} tokens/s`,
);
console.log(
  `HTTP / in-process: ${(median(ratios) * 100).toFixed(1)} % (rounds: ${ratios.map((ratio) => (ratio * 100).toFixed(0)).join(", ")})`,
);
server.stop();
await host.close();
