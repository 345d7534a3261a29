/**
 * Checks that readers of one F32 GGUF agree: greedy tokens of Transformers' GPT2LMHeadModel against llama-server's and
 * Sluice's. Transformers shares no code with the others, so agreement means that the file says what its writer meant.
 *
 *   npm run build && tsx benchmarks/peers/greedy-check.ts MODEL-f32.gguf
 */
import { join } from "node:path";
import { SluiceError } from "../../src/errors.js";
import { Sluice } from "../../src/sluice.js";
import { refuse } from "../flags.js";
import { LlamaServer } from "./llama-server.js";
import { peersFolder, python } from "./paths.js";
import { outputOf } from "./processes.js";

const MAX_TOKENS = 32;
/** Two logits closer than this are a tie: rounding decides, and from there the texts may part. */
const TIE = 1e-3;
const PROMPTS = [
  [464, 2003, 286, 11666, 4430, 318],
  [37649, 1487, 481, 2928, 674, 5440, 416],
  [1, 2, 3, 4, 5],
  [50000],
];

interface GreedyRun {
  readonly tokens: readonly number[][];
  /** Per step: highest logit minus the second highest. */
  readonly margins: readonly number[][];
}

async function greedyOfTransformers(modelPath: string): Promise<GreedyRun> {
  const input = JSON.stringify({ prompts: PROMPTS, maxTokens: MAX_TOKENS });
  return JSON.parse(await outputOf(python, [join(peersFolder, "python", "greedy.py"), modelPath], { input }));
}

async function greedyOfLlamaServer(modelPath: string): Promise<number[][]> {
  const options = { modelPath, threads: 2, slots: 1, contextPerSlot: 256, port: 18201 };
  const server = await new LlamaServer({ unifiedKv: false }).start(options);
  try {
    const runs: number[][] = [];
    for (const prompt of PROMPTS) {
      const body = { prompt, n_predict: MAX_TOKENS, temperature: 0, ignore_eos: true, return_tokens: true };
      const response = await fetch(`${server.baseUrl}/completion`, { method: "POST", body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`llama-server: ${response.status} ${await response.text()}`);
      runs.push(((await response.json()) as { tokens: number[] }).tokens);
    }
    return runs;
  } finally {
    await server.stop();
  }
}

async function greedyOfSluice(modelPath: string): Promise<number[][]> {
  const sluice = await Sluice.open({ model: modelPath, threads: 2, contextSize: 256 });
  try {
    const options = { maxTokens: MAX_TOKENS, temperature: 0, ignoreEos: true };
    const completions = await Promise.all(PROMPTS.map((prompt) => sluice.addRequest(prompt, options)));
    return completions.map(({ tokens }) => [...tokens]);
  } finally {
    await sluice.shutdown();
  }
}

function verdict(theirs: readonly number[], ours: readonly number[], margins: readonly number[]): string {
  const at = ours.findIndex((token, step) => token !== theirs[step]);
  if (at === -1) return `agree on all ${ours.length} tokens`;
  const margin = margins[at] ?? 0;
  const what = margin < TIE ? "tie" : "DIFFER";
  return `${what} at step ${at}: ${ours[at]} against ${theirs[at]}, logits ${margin} apart`;
}

const [modelPath] = process.argv.slice(2);
if (!modelPath) refuse(new SluiceError("usage", "which file? give a GGUF in F32"));
const transformers = await greedyOfTransformers(modelPath);
const engines = { "llama-server": await greedyOfLlamaServer(modelPath), sluice: await greedyOfSluice(modelPath) };
for (const [engine, runs] of Object.entries(engines)) {
  transformers.tokens.forEach((tokens, i) => {
    const text = verdict(runs[i] ?? [], tokens, transformers.margins[i] ?? []);
    console.log(`${engine}, prompt ${i}: ${text}`);
    if (text.startsWith("DIFFER")) process.exitCode = 1;
  });
}
