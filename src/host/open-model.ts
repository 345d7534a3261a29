import { defaultCacheDir } from "../models/cache.js";
import { type ResolvedModel, type ResolveOptions, resolveModel } from "../models/resolve.js";
import { sequencesOf } from "../scheduler/load.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import type { EngineHost } from "./client.js";
import type { EngineSettings } from "./settings.js";
import { startEngineHost } from "./start.js";
import { passTrial } from "./trial.js";

/**
 * Finds, writes or downloads the model and starts an engine host with it, with the slots that the scheduler uses unless
 * told otherwise.
 *
 * @param onProgress called while the model is written or downloaded
 * @throws SluiceError `usage`, `model_unavailable`, `device_unavailable`
 */
export async function openModel(
  engine: EngineSettings,
  scheduler: SchedulerSettings,
  onProgress?: ResolveOptions["onProgress"],
): Promise<EngineHost> {
  const slots = engine.slots || (await sequencesOf(scheduler));
  const model = await resolveModel(engine.model, onProgress ? { onProgress } : {});
  return openResolved(model, { ...engine, slots }, scheduler);
}

/**
 * Starts an engine host with a model that was found. A file that Sluice has not written itself is tried in another process
 * first, once: llama.cpp ends the process on a damaged one.
 *
 * @throws SluiceError `usage`, `model_unavailable`, `device_unavailable`
 */
export async function openResolved(
  model: ResolvedModel,
  engine: EngineSettings,
  scheduler?: SchedulerSettings,
): Promise<EngineHost> {
  if (model.kind === "mock") return startEngineHost({ ...engine, model: model.name, modelPath: undefined }, scheduler);
  const load = { ...engine, model: model.name, modelPath: model.path };
  if (!model.ours) await passTrial(load, defaultCacheDir());
  return startEngineHost(load, scheduler);
}
