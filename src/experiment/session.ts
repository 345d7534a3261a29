/** What a command runs on: the model loaded once, or virtual time, and a server where a variant needs one. */
import { MOCK_CONTEXT_SIZE } from "../engine/simulated/engine.js";
import { SluiceError } from "../errors.js";
import { openResolved } from "../host/open-model.js";
import { yieldToEngine } from "../host/priority.js";
import type { EngineSettings } from "../host/settings.js";
import { defaultCacheDir } from "../models/cache.js";
import { fileSha256 } from "../models/hash.js";
import { type ResolvedModel, type ResolveOptions, resolveModel } from "../models/resolve.js";
import { modelManifest } from "../results/manifest.js";
import type { Manifest } from "../results/schema.js";
import { HostRunner, type Runner, SimulatedRunner } from "./runner.js";
import type { Variant } from "./variant.js";

export interface SessionSettings {
  readonly engine: EngineSettings;
  /** The mock model runs in virtual time unless told otherwise; every other model in real time. */
  readonly clock: "real" | "virtual" | undefined;
}

export interface Session {
  readonly model: Manifest["model"];
  /** One line for humans: model, device, threads. */
  readonly description: string;
  /** Whether a warm-up means anything: not in virtual time. */
  readonly warmsUp: boolean;
  runnerOf(variant: Variant): Runner;
  close(): Promise<void>;
}

/**
 * Loads the model, or prepares virtual time, with as many slots as the widest variant needs unless `engine.slots` says more.
 *
 * @throws SluiceError `usage`, `model_unavailable`, `device_unavailable`
 */
export async function openLocalSession(
  { engine, clock }: SessionSettings,
  variants: readonly Variant[],
  onProgress?: ResolveOptions["onProgress"],
): Promise<Session> {
  const slots = engine.slots || Math.max(1, ...variants.map((variant) => variant.maxSequences));
  if (clock === "virtual" && engine.model !== "mock") {
    throw new SluiceError("usage", `--clock virtual needs --model mock: ${engine.model} computes in real time`);
  }
  if (engine.model === "mock" && clock !== "real")
    return virtualSession(slots, engine.contextSize || MOCK_CONTEXT_SIZE);
  const { model, file } = await findModel(engine.model, onProgress);
  const { name } = model;
  const first = variants.find((variant) => variant.settings)?.settings;
  const host = await openResolved(model, { ...engine, slots }, first);
  yieldToEngine();
  const runner = new HostRunner(host);
  return {
    model: modelManifest(name, host.info.kind, host.info.device, file),
    description: `${name}, ${host.info.device}, ${slots} slots of ${host.info.contextSize} tokens`,
    warmsUp: true,
    runnerOf: () => runner,
    close: () => host.close(),
  };
}

interface FoundModel {
  readonly model: ResolvedModel;
  /** Undefined: the mock model. */
  readonly file: { readonly path: string; readonly sha256: string } | undefined;
}

async function findModel(spelling: string, onProgress?: ResolveOptions["onProgress"]): Promise<FoundModel> {
  const model = await resolveModel(spelling, onProgress ? { onProgress } : {});
  if (model.kind !== "gguf") return { model, file: undefined };
  const { path } = model;
  return { model, file: { path, sha256: await fileSha256(path, defaultCacheDir()) } };
}

/** The manifest of a model that a server of ours will load. It is made or downloaded now, once. */
export async function servedModel(
  engine: EngineSettings,
  onProgress: ResolveOptions["onProgress"],
): Promise<Manifest["model"]> {
  const { model, file } = await findModel(engine.model, onProgress);
  return modelManifest(model.name, "served", engine.device, file);
}

function virtualSession(slots: number, contextSize: number): Session {
  const runner = new SimulatedRunner(slots, contextSize);
  return {
    model: modelManifest("mock", "mock", null),
    description: `mock in virtual time, ${slots} slots of ${contextSize} tokens`,
    warmsUp: false,
    runnerOf: () => runner,
    close: async () => {},
  };
}

/** A server that has its own model and scheduler. */
export function remoteSession(runner: Runner, model: string | undefined, close: () => void): Session {
  const url = runner.target.url;
  return {
    model: modelManifest(model ?? "unknown", "remote", null),
    description: `${model ?? "a server that lists no model"} at ${url}`,
    warmsUp: true,
    runnerOf: () => runner,
    close: async () => close(),
  };
}

/** Variants with a scheduler of ours run in `local`, the others in `remote`. */
export function joinSessions(local: Session, remote: Session): Session {
  return {
    model: local.model,
    description: `${local.description}\n${remote.description}`,
    warmsUp: local.warmsUp || remote.warmsUp,
    runnerOf: (variant) => (variant.settings ? local : remote).runnerOf(variant),
    close: async () => {
      await Promise.all([local.close(), remote.close()]);
    },
  };
}
