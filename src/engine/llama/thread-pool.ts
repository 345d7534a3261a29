import { availableParallelism } from "node:os";
import { SluiceError } from "../../errors.js";
import type { LlamaApi } from "./api.js";
import { cpuQuota } from "./cpu-quota.js";
import type { Pointer } from "./structs.js";

/**
 * How long idle compute threads spin before they sleep, 0 to 100. llama.cpp's own default is 50; less leaves the cores to
 * whoever writes the answers when there are as many compute threads as cores (docs/benchmarks.md).
 */
export const DEFAULT_POLL = 10;

/**
 * Compute threads for a setting; 0: one per core that this process may use, shared out where so many processes compute side
 * by side. Threads wait for each other after every operation, and must not wait for a core as well: of one and a half
 * cores, one is used.
 */
export function threadCount(
  threads: number,
  processes = 1,
  cores = Math.min(availableParallelism(), cpuQuota()),
): number {
  return threads > 0 ? threads : Math.max(1, Math.floor(cores / processes));
}

/**
 * Threads that live as long as the context. Without them llama.cpp starts new ones for every step, which costs as much
 * as computing one row of a small model.
 *
 * @param poll how long an idle thread spins before it sleeps: 0 (not at all) to 100; see docs/engine.md
 * @returns undefined where the processor's backend has no thread pools: it manages its threads itself
 */
export function createThreadPool(api: LlamaApi, threads: number, poll: number): Pointer | undefined {
  if (api.threadPool === undefined) return undefined;
  const params = api.threadPool.defaultParams(threads);
  const pool = api.threadPool.create({ ...params, poll });
  if (pool === null) throw new SluiceError("model_unavailable", `cannot start ${threads} compute threads; use fewer`);
  return pool;
}
