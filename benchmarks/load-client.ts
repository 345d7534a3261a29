/**
 * What the load client costs: its CPU time a token and a request, while a server in another process streams answers. On a
 * machine that it shares with the server it measures, this is what it takes away from it.
 *
 *   npm run build && npx tsx benchmarks/load-client.ts
 *
 * `--packages` compares builds of other checkouts in turns.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type * as ClientModule from "../src/client/client.js";
import type * as EndpointModule from "../src/client/endpoint.js";
import { spread } from "./figures.js";
import { count, readFlags, text } from "./flags.js";

const flags = readFlags("Counts the CPU time of the load client.", {
  clients: count(32, "streams at once"),
  tokens: count(64, "tokens an answer"),
  requests: count(960, "requests a round"),
  rounds: count(7, "rounds after one that warms up"),
  packages: text(".", "folders of builds to compare in turns, separated by commas"),
});

const SERVER = "--serve-here";

/** A token a turn of the event loop, so that every token is a read of its own, as from a server that computes. */
function serve(): void {
  const frame =
    'data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":" word","logprobs":null,"finish_reason":null}]}\n\n';
  const last = `data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":${flags.tokens}}}\n\ndata: [DONE]\n\n`;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    let left = flags.tokens;
    const step = (): void => {
      if (left-- === 0) response.end(last);
      else response.write(frame, () => setTimeout(step, 1));
    };
    step();
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

interface Client {
  readonly name: string;
  /** Sends one request and reads its answer. */
  send(): Promise<void>;
}

async function clientOf(folder: string, port: number): Promise<Client> {
  const load = async (file: string) => import(pathToFileURL(join(resolve(folder), "dist", "client", file)).href);
  const { RemoteClient } = (await load("client.js")) as typeof ClientModule;
  const { parseEndpoint } = (await load("endpoint.js")) as typeof EndpointModule;
  const limits = { stallTimeoutMs: 60_000, requestTimeoutMs: 60_000 };
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, "--url");
  const client = new RemoteClient(endpoint, { apiKey: undefined, model: "m", ...limits });
  const sampling = { temperature: 0.7, topK: 50, topP: 0.95, seed: 1, ignoreEos: true, stream: true };
  const request = { prompt: "The small boats left the harbour", maxTokens: flags.tokens, ...sampling };
  const send = async (): Promise<void> => {
    let texts = 0;
    const piece = ({ text }: { text: string }): void => {
      if (text !== "") texts += 1;
    };
    await client.send(request, { status: () => {}, piece });
    if (texts !== flags.tokens) throw new Error(`${texts} of ${flags.tokens} tokens came`);
  };
  return { name: folder, send };
}

/** @returns CPU microseconds a request */
async function measure({ send }: Client): Promise<number> {
  let next = 0;
  const before = process.cpuUsage();
  const one = async (): Promise<void> => {
    while (next++ < flags.requests) await send();
  };
  await Promise.all(Array.from({ length: flags.clients }, one));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / flags.requests;
}

async function main(server: ChildProcess): Promise<void> {
  const [port] = (await once(server, "message")) as [number];
  const clients = await Promise.all(flags.packages.split(",").map((folder) => clientOf(folder, port)));
  const figures = new Map(clients.map((client) => [client, [] as number[]]));
  for (let round = 0; round <= flags.rounds; round++) {
    for (const client of clients) {
      const us = await measure(client);
      if (round > 0) figures.get(client)?.push(us);
    }
  }
  console.log(`${flags.clients} streams of ${flags.tokens} tokens, CPU µs, median (min–max):`);
  for (const [{ name }, us] of figures) {
    console.log(
      `${name}: ${spread(us, 0)} a request, ${spread(
        us.map((each) => each / flags.tokens),
        2,
      )} a token`,
    );
  }
}

if (process.env.SLUICE_BENCHMARK_SERVES === SERVER) serve();
else {
  const env = { ...process.env, SLUICE_BENCHMARK_SERVES: SERVER };
  const server = fork(new URL(import.meta.url), process.argv.slice(2), { env });
  await main(server).finally(() => server.kill());
  process.exit(0);
}
