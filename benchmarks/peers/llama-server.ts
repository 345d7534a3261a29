import { join } from "node:path";
import { setupNodePackages } from "./node-llama-cpp.js";
import { cacheFolder, llamaBinFolder, peersFolder, prebuiltKernelsFolder } from "./paths.js";
import type { Peer, ServedPeer, StartOptions } from "./peer.js";
import { runToEnd, startServer } from "./processes.js";

export async function setupLlamaCpp(): Promise<void> {
  await setupNodePackages();
  await runToEnd(join(peersFolder, "setup-llama-cpp.sh"), [cacheFolder]);
}

/** llama.cpp's own server. `unifiedKv`: one KV buffer shared by all slots (`-kvu`) instead of a stream for each. */
export class LlamaServer implements Peer {
  readonly name: string;
  readonly note: string;
  readonly #unifiedKv: boolean;

  constructor({ unifiedKv }: { unifiedKv: boolean }) {
    this.#unifiedKv = unifiedKv;
    this.name = unifiedKv ? "llama-server -kvu" : "llama-server";
    this.note = "llama.cpp of the same version, on the same kernel library file";
  }

  setup(): Promise<void> {
    return setupLlamaCpp();
  }

  async start(options: StartOptions): Promise<ServedPeer> {
    const { modelPath, threads, slots, contextPerSlot, port } = options;
    const baseUrl = `http://127.0.0.1:${port}`;
    const args = ["--model", modelPath, "--host", "127.0.0.1", "--port", `${port}`];
    args.push("--parallel", `${slots}`, "--ctx-size", `${slots * contextPerSlot}`);
    args.push("--batch-size", "2048", "--ubatch-size", "2048", "--flash-attn", "on");
    args.push("--threads", `${threads}`, "--threads-batch", `${threads}`, "--log-disable");
    args.push(this.#unifiedKv ? "--kv-unified" : "--no-kv-unified");
    const server = await startServer(join(llamaBinFolder, "llama-server"), args, `${baseUrl}/health`, {
      cwd: prebuiltKernelsFolder,
    });
    return { kind: "http", baseUrl, stop: () => server.stop() };
  }
}
