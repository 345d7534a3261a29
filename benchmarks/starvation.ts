/**
 * Whether anybody waits far longer than the others while the server is full: clients send prompts of many chunks, and the
 * slowest request is compared with the median, under every order, with turns and with mixed steps.
 *
 *     npm run build && npx tsx benchmarks/starvation.ts
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Random } from "../src/random.js";
import { ORDERS } from "../src/scheduler/orders/registry.js";
import { readyUrl } from "../src/targets/server-process.js";
import { count, readFlags, text } from "./flags.js";

const flags = readFlags("Compares the slowest request with the median while a server is full.", {
  model: text("standin:nano", "what is served, with default flags"),
  clients: count(64, "clients that wait for their answers"),
  promptTokens: count(900, "tokens a prompt, all different"),
  seconds: count(40, "how long each order is loaded"),
  orders: text(ORDERS.map(({ name }) => name).join(","), "which orders"),
});
const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const VOCABULARY_SIZE = 50_257;

/** Latencies of all requests that were sent within the time. */
async function latenciesMs(url: string): Promise<number[]> {
  const random = new Random(1);
  const latencies: number[] = [];
  const endMs = performance.now() + 1000 * flags.seconds;
  const client = async () => {
    while (performance.now() < endMs) {
      const prompt = Array.from({ length: flags.promptTokens }, () => random.integer(0, VOCABULARY_SIZE - 1));
      const body = JSON.stringify({ prompt, max_tokens: 1 });
      const beganMs = performance.now();
      const answer = await fetch(`${url}/v1/completions`, { method: "POST", body, headers: JSON_TYPE });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
      latencies.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: flags.clients }, client));
  return latencies.sort((a, b) => a - b);
}

const JSON_TYPE = { "content-type": "application/json" };

async function measure(order: string, mixed: boolean): Promise<void> {
  const words = ["serve", "--port", "0", "--model", flags.model, "--order", order, "--log-level", "error"];
  if (mixed) words.push("--mixed-steps", "true");
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    const latencies = await latenciesMs(await readyUrl(child));
    const seconds = (share: number) =>
      latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]! / 1000;
    const [median, p99, slowest] = [seconds(0.5), seconds(0.99), seconds(1)];
    console.log(
      `${order.padEnd(8)} ${(mixed ? "mixed" : "turns").padEnd(5)} ${String(latencies.length).padStart(6)} requests, ` +
        `median ${median.toFixed(2)} s, p99 ${p99.toFixed(2)} s, slowest ${slowest.toFixed(2)} s = ${(slowest / median).toFixed(1)} medians`,
    );
  } finally {
    child.kill("SIGTERM");
  }
}

for (const order of flags.orders.split(",")) for (const mixed of [false, true]) await measure(order, mixed);
