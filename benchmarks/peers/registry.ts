import { SluiceError } from "../../src/errors.js";
import { LlamaBatchedBench } from "./llama-batched-bench.js";
import { LlamaServer } from "./llama-server.js";
import { NodeLlamaCpp } from "./node-llama-cpp.js";
import type { Peer } from "./peer.js";
import { SluiceInProcess, SluiceServer } from "./sluice.js";
import { Transformers } from "./transformers.js";
import { Vllm } from "./vllm.js";

/** Sluice itself first, then everyone else. */
export const peers: readonly Peer[] = [
  new SluiceServer(),
  new SluiceServer(50),
  new SluiceInProcess(),
  new LlamaServer({ unifiedKv: false }),
  new LlamaServer({ unifiedKv: true }),
  new LlamaBatchedBench(),
  new NodeLlamaCpp(),
  new Transformers({ batching: "naive", dtype: "bf16" }),
  new Transformers({ batching: "dynamic", dtype: "bf16" }),
  new Transformers({ batching: "dynamic", dtype: "f32" }),
  new Vllm(),
];

/** @throws SluiceError `usage` */
export function findPeer(name: string): Peer {
  const peer = peers.find((candidate) => candidate.name === name);
  if (peer) return peer;
  throw new SluiceError("usage", `no peer "${name}"; there are: ${peers.map((known) => known.name).join(", ")}`);
}
