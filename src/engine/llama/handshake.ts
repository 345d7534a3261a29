import { SluiceError } from "../../errors.js";
import type { LlamaApi } from "./api.js";
import { LLAMA_VERSION, type LlamaBuild, PACKAGE_VERSION } from "./platform.js";

/** What llama.h documents as defaults; fields at the start, in the middle and at the end of each struct. */
const MODEL_DEFAULTS = { n_gpu_layers: -1, load_mode: -1, main_gpu: 0, vocab_only: false, use_extra_bufts: true };
const MODEL_DEFAULTS_AT_END = { check_tensors: false, load_mtp: false };
const CONTEXT_DEFAULTS = { n_ctx: 512, n_batch: 2048, n_ubatch: 512, n_seq_max: 1, n_outputs_max_per_seq: 1 };
const CONTEXT_DEFAULTS_IN_MIDDLE = { flash_attn_type: -1, yarn_beta_slow: -1, defrag_thold: -1, type_k: 1, type_v: 1 };
const CONTEXT_DEFAULTS_AT_END = { offload_kqv: true, no_perf: true, op_offload: true, swa_full: true };
const THREAD_POOL_DEFAULTS = { n_threads: 3, prio: 0, poll: 50, strict_cpu: false, paused: false };

/**
 * Compares what the loaded library says of itself with what the declarations assume: its version, and the defaults of
 * the structs that are passed by value. A struct with another layout reads back as nonsense here and not as a crash later.
 * @throws SluiceError `device_unavailable`
 */
export function checkHandshake(api: LlamaApi, build: LlamaBuild): void {
  const version = api.version();
  if (version.split("-")[0] !== LLAMA_VERSION) refuse(build, `its llama.cpp is ${version}`);
  expectFields(build, "llama_model_params", api.modelDefaultParams(), { ...MODEL_DEFAULTS, ...MODEL_DEFAULTS_AT_END });
  expectFields(build, "llama_context_params", api.contextDefaultParams(), {
    ...CONTEXT_DEFAULTS,
    ...CONTEXT_DEFAULTS_IN_MIDDLE,
    ...CONTEXT_DEFAULTS_AT_END,
    kv_unified: false,
    n_samplers: 0,
  });
  if (api.threadPool !== undefined) {
    expectFields(build, "ggml_threadpool_params", api.threadPool.defaultParams(3), THREAD_POOL_DEFAULTS);
  }
}

function expectFields(build: LlamaBuild, struct: string, actual: object, expected: Record<string, unknown>): void {
  for (const [field, value] of Object.entries(expected)) {
    const found: unknown = Reflect.get(actual, field);
    if (found !== value) refuse(build, `the default of ${struct}.${field} is ${String(found)} instead of ${value}`);
  }
}

function refuse(build: LlamaBuild, what: string): never {
  throw new SluiceError(
    "device_unavailable",
    `${build.packageName} is not the build that Sluice was made for (llama.cpp ${LLAMA_VERSION}): ${what}; ` +
      `install its version ${PACKAGE_VERSION}`,
  );
}
