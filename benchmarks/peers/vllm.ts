import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { hfFolder, setupPython } from "./hf-model.js";
import { python } from "./paths.js";
import type { Peer, ServedPeer, StartOptions } from "./peer.js";
import { startServer } from "./processes.js";

/** What vLLM advises to preload on CPU: its OpenMP runtime (in the environment) and tcmalloc (the system's, if there). */
const PRELOADED = [
  join(dirname(python), "..", "lib", "libiomp5.so"),
  "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4",
];
const KV_CACHE_GIB = "2";

/** vLLM's CPU build, serving the same weights in bfloat16. */
export class Vllm implements Peer {
  readonly name = "vllm";
  readonly note = "CPU build, weights in bfloat16 (its fastest type here)";

  setup(): Promise<void> {
    return setupPython("vllm");
  }

  async start({ modelPath, threads, slots, contextPerSlot, port }: StartOptions): Promise<ServedPeer> {
    const baseUrl = `http://127.0.0.1:${port}`;
    const args = ["-m", "vllm.entrypoints.openai.api_server", "--model", await hfFolder(modelPath)];
    args.push("--host", "127.0.0.1", "--port", `${port}`, "--dtype", "bfloat16");
    args.push("--max-num-seqs", `${slots}`, "--max-model-len", `${contextPerSlot}`);
    args.push("--disable-uvicorn-access-log");
    const env = {
      ...process.env,
      HF_HUB_OFFLINE: "1",
      VLLM_NO_USAGE_STATS: "1",
      VLLM_CPU_KVCACHE_SPACE: KV_CACHE_GIB,
      VLLM_CPU_OMP_THREADS_BIND: `0-${threads - 1}`,
      LD_PRELOAD: PRELOADED.filter((library) => existsSync(library)).join(":"),
    };
    const server = await startServer(python, args, `${baseUrl}/health`, { env });
    return { kind: "http", baseUrl, stop: () => server.stop() };
  }
}
