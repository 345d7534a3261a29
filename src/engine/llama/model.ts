import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { SluiceError } from "../../errors.js";
import type { LlamaApi } from "./api.js";
import type { Llama } from "./binding.js";
import { errorLines } from "./log.js";
import { availableBytes, formatBytes } from "./memory.js";
import type { Pointer } from "./structs.js";

/**
 * llama.h's LLAMA_LOAD_MODE_NONE: the weights are read, not mapped. A mapped file that is cut while it is served ends the
 * process by SIGBUS, and one that is written to is computed with; reading takes a tenth longer (docs/models.md).
 */
const READ_INTO_MEMORY = 0;

const GPU_TYPES: ReadonlySet<number> = new Set([1, 2]); // dedicated, integrated

/** A loaded model. */
export interface LlamaModel {
  readonly address: Pointer;
  readonly vocab: Pointer;
  /** The GPU that computes it; undefined: the processor. */
  readonly gpu: Pointer | undefined;
  /** Name of what computes it. */
  readonly deviceName: string;
  readonly trainedContext: number;
  readonly chatTemplate: string | undefined;
}

/**
 * Loads a GGUF file.
 * @throws SluiceError `model_unavailable`, or `device_unavailable` when a GPU was asked for and there is none
 */
export function loadModel(llama: Llama, path: string, wantsGpu: boolean): LlamaModel {
  checkFile(path);
  const { api, build } = llama;
  const gpu = findGpu(api);
  if (wantsGpu && gpu === undefined) {
    throw new SluiceError("device_unavailable", `${build.packageName} finds no ${build.kind} device on this machine`);
  }
  const useGpu = build.kind !== "cpu" && gpu !== undefined;
  if (!useGpu) checkWeightsFit(path);
  const params = { ...api.modelDefaultParams(), n_gpu_layers: useGpu ? -1 : 0, load_mode: READ_INTO_MEMORY };
  const load = () => api.modelLoadFromFile(path, params);
  const address = load();
  if (address === null) throw loadError(api, path, load);
  const device = useGpu ? gpu : api.deviceGet(Number(api.deviceCount()) - 1);
  const model: LlamaModel = {
    address,
    vocab: api.modelGetVocab(address),
    gpu: useGpu ? gpu : undefined,
    deviceName: api.deviceDescription(device!),
    trainedContext: api.modelContextTrain(address),
    chatTemplate: api.modelChatTemplate(address, null) ?? undefined,
  };
  refuseUnsuited(api, model, path);
  return model;
}

function checkFile(path: string): void {
  const magic = Buffer.alloc(4);
  let sizeBytes: number;
  try {
    if (!statSync(path).isFile()) throw new Error("it is not a file");
    const file = openSync(path, "r");
    sizeBytes = readSync(file, magic, 0, 4, 0);
    closeSync(file);
  } catch (error) {
    const code = Reflect.get(Object(error), "code");
    const reason = code === "ENOENT" ? "there is no such file" : error instanceof Error ? error.message : String(error);
    throw new SluiceError("model_unavailable", `cannot read the model ${path}: ${reason}`, { cause: error });
  }
  if (sizeBytes < 4 || magic.toString("latin1") !== "GGUF") {
    throw new SluiceError("model_unavailable", `${path} is not a GGUF file (it does not begin with "GGUF")`);
  }
}

function checkWeightsFit(path: string): void {
  const neededBytes = statSync(path).size;
  const freeBytes = availableBytes();
  if (neededBytes <= freeBytes) return;
  throw new SluiceError(
    "model_unavailable",
    `${basename(path)} needs ${formatBytes(neededBytes)} of memory and ${formatBytes(freeBytes)} are free; ` +
      "use a smaller or more strongly quantized model",
  );
}

function findGpu(api: LlamaApi): Pointer | undefined {
  for (let index = 0; index < Number(api.deviceCount()); index++) {
    const device = api.deviceGet(index);
    if (GPU_TYPES.has(api.deviceType(device))) return device;
  }
  return undefined;
}

/** Loading failed: it is tried once more with the log on, to say why. */
function loadError(api: LlamaApi, path: string, load: () => Pointer | null): SluiceError {
  const lines = errorLines(api, () => {
    const late = load();
    if (late !== null) api.modelFree(late);
  });
  const text = lines.join("\n");
  const architecture = /unknown model architecture: '([^']*)'/.exec(text)?.[1];
  if (architecture !== undefined) {
    const message = `${path} is of the architecture "${architecture}", which llama.cpp ${api.version()} does not know`;
    return new SluiceError("model_unavailable", message);
  }
  if (/corrupted|incomplete|not within the file bounds|unexpectedly reached end|failed to read/i.test(text)) {
    return new SluiceError("model_unavailable", `${path} is cut off or damaged; download or write it again`);
  }
  const reason = lines.find((line) => line.includes("error")) ?? lines.at(-1) ?? "it gives no reason";
  return new SluiceError("model_unavailable", `llama.cpp cannot load ${path}: ${reason.replaceAll(/\s+/g, " ")}`);
}

function refuseUnsuited(api: LlamaApi, model: LlamaModel, path: string): void {
  const kind = api.modelHasEncoder(model.address)
    ? "an encoder"
    : api.modelIsRecurrent(model.address) || api.modelIsHybrid(model.address)
      ? "recurrent layers"
      : undefined;
  if (kind === undefined) return;
  api.modelFree(model.address);
  throw new SluiceError(
    "model_unavailable",
    `${path} has ${kind}; Sluice runs decoder models whose whole context is in cells that can be copied and trimmed`,
  );
}
