/**
 * Every foreign function that Sluice calls: llama.h and ggml-backend.h of llama.cpp 0.5.0, as the packages
 * `@node-llama-cpp/*` 3.22.1 ship it. A wrong declaration crashes the process without a word, so the version is pinned,
 * {@link loadLlama} checks what came back before anything is used, and binding.test.ts calls each function.
 */
import koffi, { type LibraryHandle } from "koffi";
import { SluiceError } from "../../errors.js";
import type { LlamaApi, Nullable, ThreadPoolApi } from "./api.js";
import { checkHandshake } from "./handshake.js";
import { findBuild, type LlamaBuild, type LlamaDevice, libraryPaths } from "./platform.js";
import { batchType, contextParamsType, modelParamsType, type Pointer, threadPoolParamsType } from "./structs.js";

/** llama.cpp in this process. */
export interface Llama {
  readonly build: LlamaBuild;
  readonly api: LlamaApi;
}

/**
 * Loads llama.cpp's libraries for a device into the process (a second time is cheap) and makes sure they are the ones
 * that the declarations here describe.
 * @throws SluiceError `device_unavailable`
 */
export function loadLlama(device: LlamaDevice): Llama {
  const build = findBuild(device);
  const api = declare(build);
  checkHandshake(api, build);
  if (process.env.SLUICE_LLAMA_LOG === undefined) api.logSet(api.silentLog, null);
  return { build, api };
}

interface Libraries {
  readonly base: LibraryHandle;
  readonly ggml: LibraryHandle;
  readonly llama: LibraryHandle;
}

function openLibraries(build: LlamaBuild): Libraries {
  const paths = libraryPaths(build);
  try {
    // Global: each library finds the symbols of those loaded before it, as the backends do that are loaded later.
    const open = (path: string) => koffi.load(path, { global: true });
    return { base: open(paths.base), ggml: open(paths.ggml), llama: open(paths.llama) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SluiceError("device_unavailable", `${build.packageName} does not load on this machine: ${reason}`, {
      cause: error,
    });
  }
}

function declare(build: LlamaBuild): LlamaApi {
  const libraries = openLibraries(build);
  const { llama } = libraries;
  // Supports neither logging nor arguments, returns at once: safe to be called with any in every C calling convention.
  const silentLog = llama.symbol("llama_supports_mmap") as Pointer;
  const logSet = llama.func("llama_log_set", "void", ["void*", "void*"]);
  if (process.env.SLUICE_LLAMA_LOG === undefined) logSet(silentLog, null);
  loadBackends(libraries, build);
  return {
    version: llama.func("llama_version", "str", []),
    modelDefaultParams: llama.func("llama_model_default_params", modelParamsType, []),
    contextDefaultParams: llama.func("llama_context_default_params", contextParamsType, []),
    ...declareModel(llama),
    ...declareContext(llama),
    ...declareVocabulary(llama),
    ...declareDevices(libraries),
    threadPool: declareThreadPool(libraries),
    logSet,
    silentLog,
  };
}

function declareModel(llama: LibraryHandle) {
  return {
    modelLoadFromFile: llama.func("llama_model_load_from_file", "void*", ["str", modelParamsType]),
    modelFree: llama.func("llama_model_free", "void", ["void*"]),
    modelGetVocab: llama.func("llama_model_get_vocab", "void*", ["void*"]),
    modelContextTrain: llama.func("llama_model_n_ctx_train", "int32", ["void*"]),
    modelLayers: llama.func("llama_model_n_layer", "int32", ["void*"]),
    modelEmbedding: llama.func("llama_model_n_embd", "int32", ["void*"]),
    modelHeads: llama.func("llama_model_n_head", "int32", ["void*"]),
    modelHeadsKv: llama.func("llama_model_n_head_kv", "int32", ["void*"]),
    modelSlidingWindow: llama.func("llama_model_n_swa", "int32", ["void*"]),
    modelHasEncoder: llama.func("llama_model_has_encoder", "bool", ["void*"]),
    modelIsRecurrent: llama.func("llama_model_is_recurrent", "bool", ["void*"]),
    modelIsHybrid: llama.func("llama_model_is_hybrid", "bool", ["void*"]),
    modelChatTemplate: llama.func("llama_model_chat_template", "str", ["void*", "str"]),
  };
}

function declareContext(llama: LibraryHandle) {
  return {
    initFromModel: llama.func("llama_init_from_model", "void*", ["void*", contextParamsType]),
    free: llama.func("llama_free", "void", ["void*"]),
    getMemory: llama.func("llama_get_memory", "void*", ["void*"]),
    memorySeqRemove: llama.func("llama_memory_seq_rm", "bool", ["void*", "int32", "int32", "int32"]),
    memorySeqCopy: llama.func("llama_memory_seq_cp", "void", ["void*", "int32", "int32", "int32", "int32"]),
    memorySeqPosMax: llama.func("llama_memory_seq_pos_max", "int32", ["void*", "int32"]),
    stateSeqGetData: llama.func("llama_state_seq_get_data", "size_t", ["void*", "void*", "size_t", "int32"]),
    stateSeqSetData: llama.func("llama_state_seq_set_data", "size_t", ["void*", "void*", "size_t", "int32"]),
    decode: llama.func("llama_decode", "int32", ["void*", batchType]),
    getLogits: llama.func("llama_get_logits", "void*", ["void*"]),
    attachThreadPool: llama.func("llama_attach_threadpool", "void", ["void*", "void*", "void*"]),
    detachThreadPool: llama.func("llama_detach_threadpool", "void", ["void*"]),
  };
}

function declareVocabulary(llama: LibraryHandle) {
  return {
    vocabSize: llama.func("llama_vocab_n_tokens", "int32", ["void*"]),
    vocabBegin: llama.func("llama_vocab_bos", "int32", ["void*"]),
    vocabEnd: llama.func("llama_vocab_eos", "int32", ["void*"]),
    vocabAddsBegin: llama.func("llama_vocab_get_add_bos", "bool", ["void*"]),
    vocabAddsEnd: llama.func("llama_vocab_get_add_eos", "bool", ["void*"]),
    vocabText: llama.func("llama_vocab_get_text", "str", ["void*", "int32"]),
    vocabAttributes: llama.func("llama_vocab_get_attr", "int32", ["void*", "int32"]),
    vocabIsEndOfGeneration: llama.func("llama_vocab_is_eog", "bool", ["void*", "int32"]),
    tokenize: llama.func("llama_tokenize", "int32", ["void*", "void*", "int32", "void*", "int32", "bool", "bool"]),
    tokenToPiece: llama.func("llama_token_to_piece", "int32", ["void*", "int32", "void*", "int32", "int32", "bool"]),
  };
}

function declareDevices({ base, ggml }: Libraries) {
  return {
    deviceCount: ggml.func("ggml_backend_dev_count", "size_t", []),
    deviceGet: ggml.func("ggml_backend_dev_get", "void*", ["size_t"]),
    deviceType: base.func("ggml_backend_dev_type", "int", ["void*"]),
    deviceDescription: base.func("ggml_backend_dev_description", "str", ["void*"]),
    deviceMemory: base.func("ggml_backend_dev_memory", "void", ["void*", "void*", "void*"]),
  };
}

/** Chooses the best library for this processor, and adds the GPU's. Once per process: they register themselves. */
function loadBackends({ ggml }: Libraries, build: LlamaBuild): void {
  const count = ggml.func("ggml_backend_reg_count", "size_t", []);
  if (Number(count()) > 0) return;
  const load = ggml.func("ggml_backend_load_all_from_path", "void", ["str"]);
  for (const directory of [build.directory, ...build.extraDirectories]) load(directory);
}

/** The constructor is not in a library of fixed name but in whichever processor backend was chosen. */
function declareThreadPool({ base, ggml }: Libraries): ThreadPoolApi | undefined {
  const registryByName = ggml.func("ggml_backend_reg_by_name", "void*", ["str"]);
  const procAddress = base.func("ggml_backend_reg_get_proc_address", "void*", ["void*", "str"]);
  const processor = registryByName("CPU") as Nullable;
  if (processor === null) return undefined;
  const createAddress = procAddress(processor, "ggml_threadpool_new") as Nullable;
  const freeAddress = procAddress(processor, "ggml_threadpool_free") as Nullable;
  if (createAddress === null || freeAddress === null) return undefined;
  const paramsPointer = koffi.pointer(threadPoolParamsType);
  const createType = koffi.proto("void*", [paramsPointer]);
  const freeType = koffi.proto("void", ["void*"]);
  return {
    defaultParams: base.func("ggml_threadpool_params_default", threadPoolParamsType, ["int"]),
    create: (params) => koffi.call(createAddress, createType, params) as Nullable,
    free: (pool) => koffi.call(freeAddress, freeType, pool),
  };
}
