/** The comparison's workloads. The same name and round always give the same requests. */
import { SluiceError } from "../../src/errors.js";
import { hash32, Random } from "../../src/random.js";
import type { Workload, WorkloadRequest } from "./peer.js";

/** Ways to name one, for messages. */
export const WORKLOAD_NAMES = "a number of clients, mixed, prompts, poisson70, poisson95 or prefix";

const SAMPLING = { temperature: 0.7, topK: 50, topP: 0.95 };
const SEED = 1;
const OUTPUT_TOKENS = 64;
const PREFIX_TOKENS = 128;
/** Clients of the workloads that are not a number of clients. */
const CLIENTS = 32;
/** A closed loop gives every client so many requests, so that some seconds of steady work remain between start and end. */
const REQUESTS_PER_CLIENT = 3;
const FEWEST_REQUESTS = 16;
const TEMPLATES = [
  "The future of artificial intelligence is",
  "Climate change will impact our planet by",
  "Space exploration in the next decade will focus on",
  "Quantum computing offers advantages such as",
];
/** Each of these is one token of GPT-2 after a space: prompts of words have as many tokens as words. */
const WORDS =
  "the of and to in is was for on that with as by at from his her they have had not this are but which one all were when there can an your their said if do will each about how up out them then she many some so these would other into has more two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know".split(
    " ",
  );

/** What a workload asks of a system that is to run it. */
export interface WorkloadNeeds {
  readonly slots: number;
  readonly contextPerSlot: number;
}

/**
 * @param round gives prompts that no round before had, so that no cache holds a whole one
 * @param requestsPerSec what llama-server does on `prompts`: the open loops load every system with a share of it
 */
export function workloadOf(name: string, round: number, requestsPerSec: number | undefined): Workload {
  return { concurrency: clientsOf(name), requests: requestsOf(name, round, requestsPerSec), sampling: SAMPLING };
}

/** Slots and context: the same for every system. */
export function needsOf(name: string): WorkloadNeeds {
  const long = name === "prompts" || isOpenLoop(name);
  return { slots: clientsOf(name), contextPerSlot: long ? 384 : 256 };
}

/** Whether requests come at times of their own. */
export function isOpenLoop(name: string): boolean {
  return name.startsWith("poisson");
}

export function titleOf(name: string): string {
  const titles: Record<string, string> = {
    mixed: "32 clients, outputs of 8–128 tokens",
    prompts: "32 clients, prompts of 16–256 tokens",
    poisson70: "prompts of 16–256 tokens, Poisson arrivals at 70 % of llama-server's capacity",
    poisson95: "prompts of 16–256 tokens, Poisson arrivals at 95 % of llama-server's capacity",
    prefix: "32 clients, a shared prefix of 128 tokens",
  };
  return titles[name] ?? `${name} client${name === "1" ? "" : "s"}, 64 tokens`;
}

function requestsOf(name: string, round: number, requestsPerSec: number | undefined): WorkloadRequest[] {
  const count = Math.max(clientsOf(name) * REQUESTS_PER_CLIENT, FEWEST_REQUESTS);
  const texts = new Random(hash32(SEED, round));
  const lengths = new Random(SEED); // of every round the same
  const prefix = words(PREFIX_TOKENS, texts);
  const meanGapMs = isOpenLoop(name) ? openLoopGapMs(name, requestsPerSec) : 0;
  let atMs = 0;
  const requests: WorkloadRequest[] = [];
  for (let i = 0; i < count; i++) {
    const maxTokens = name === "mixed" ? lengths.integer(8, 128) : OUTPUT_TOKENS;
    atMs += lengths.exponential(meanGapMs);
    const long = () => words(lengths.integer(16, 256), texts);
    if (isOpenLoop(name)) requests.push({ prompt: long(), maxTokens, atMs });
    else if (name === "prompts") requests.push({ prompt: long(), maxTokens });
    else if (name === "prefix") requests.push({ prompt: `${prefix} ${words(16, texts)}`, maxTokens });
    else requests.push({ prompt: `${TEMPLATES[i % TEMPLATES.length]} ${round * 1000 + i}`, maxTokens });
  }
  return requests;
}

function openLoopGapMs(name: string, requestsPerSec: number | undefined): number {
  if (requestsPerSec === undefined) {
    const message = `${name} needs llama-server's capacity: first run --workloads prompts with llama-server`;
    throw new SluiceError("usage", message);
  }
  return 1000 / (requestsPerSec * (Number(name.slice("poisson".length)) / 100));
}

function clientsOf(name: string): number {
  if (["mixed", "prompts", "poisson70", "poisson95", "prefix"].includes(name)) return CLIENTS;
  const clients = Number(name);
  if (Number.isInteger(clients) && clients > 0) return clients;
  throw new SluiceError("usage", `no workload "${name}": give ${WORKLOAD_NAMES}`);
}

function words(count: number, random: Random): string {
  return Array.from({ length: count }, () => WORDS[random.integer(0, WORDS.length - 1)]).join(" ");
}
