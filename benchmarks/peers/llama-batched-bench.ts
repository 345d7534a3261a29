import { join } from "node:path";
import { setupLlamaCpp } from "./llama-server.js";
import { llamaBinFolder, prebuiltKernelsFolder } from "./paths.js";
import type { DrivenPeer, Measurement, Peer, StartOptions, Workload } from "./peer.js";
import { outputOf } from "./processes.js";

/** Bytes of English text per GPT-2 token, for giving the benchmark prompts about as long as the workload's. */
const BYTES_PER_TOKEN = 4;

/** The fields of one line of `--output-format jsonl` that are read here. Times are in seconds. */
interface BenchLine {
  readonly t_pp: number;
  readonly t: number;
}

/** llama.cpp's own batched benchmark: no server, no sampling, no text. The ceiling of any server on these kernels. */
export class LlamaBatchedBench implements Peer {
  readonly name = "llama-batched-bench";
  readonly note = "no server and no sampling: the ceiling; one batch of `concurrency` rows of equal length";

  /** Rows of equal length, all at once, are all that it does. */
  canRun(workload: string): boolean {
    return /^\d+$/.test(workload);
  }

  setup(): Promise<void> {
    return setupLlamaCpp();
  }

  async start(options: StartOptions): Promise<DrivenPeer> {
    return { kind: "driver", measure: (workload) => measure(options, workload), stop: async () => {} };
  }
}

async function measure(options: StartOptions, workload: Workload): Promise<Measurement> {
  const { concurrency, requests } = workload;
  const outputTokens = requests[0]?.maxTokens ?? 0;
  if (requests.some((request) => request.maxTokens !== outputTokens)) {
    throw new Error("llama-batched-bench generates rows of equal length: give every request the same maxTokens");
  }
  const promptBytes = requests.reduce((sum, request) => sum + Buffer.byteLength(request.prompt), 0);
  const promptTokens = Math.max(1, Math.round(promptBytes / requests.length / BYTES_PER_TOKEN));
  const args = ["--model", options.modelPath, "--ctx-size", `${options.slots * options.contextPerSlot}`];
  args.push("--batch-size", "2048", "--ubatch-size", "2048", "--flash-attn", "on");
  args.push("--threads", `${options.threads}`, "--threads-batch", `${options.threads}`);
  args.push("-npp", `${promptTokens}`, "-ntg", `${outputTokens}`, "-npl", `${concurrency}`);
  const output = await outputOf(join(llamaBinFolder, "llama-batched-bench"), [...args, "--output-format", "jsonl"], {
    cwd: prebuiltKernelsFolder,
  });
  const line = JSON.parse(output.split("\n").find((text) => text.startsWith("{")) ?? "null") as BenchLine | null;
  if (!line) throw new Error(`llama-batched-bench printed no result:\n${output}`);
  const sample = { ttftMs: line.t_pp * 1000, latencyMs: line.t * 1000, outputTokens };
  return { wallMs: line.t * 1000, samples: Array(concurrency).fill(sample) };
}
