import { type ResolveOptions, resolveModel } from "../models/resolve.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import type { EngineHost } from "./client.js";
import type { EngineSettings } from "./settings.js";
import { startEngineHost } from "./start.js";

/**
 * Finds, writes or downloads the model and starts an engine host with it.
 *
 * @param onProgress called while the model is written or downloaded
 * @throws SluiceError `usage`, `model_unavailable`, `device_unavailable`
 */
export async function openModel(
  engine: EngineSettings,
  scheduler: SchedulerSettings,
  onProgress?: ResolveOptions["onProgress"],
): Promise<EngineHost> {
  const model = await resolveModel(engine.model, onProgress ? { onProgress } : {});
  const modelPath = model.kind === "gguf" ? model.path : undefined;
  return await startEngineHost({ ...engine, model: model.name, modelPath }, scheduler);
}
