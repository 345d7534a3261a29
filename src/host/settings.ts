import { DEFAULT_POLL } from "../engine/llama/thread-pool.js";

/** Where the model runs. */
export const DEVICES = ["auto", "cpu", "cuda", "vulkan", "metal"] as const;
export type Device = (typeof DEVICES)[number];

/** How to make the engine: plain data. */
export interface EngineSettings {
  /** A `--model` spelling: `standin:…`, `tutor`, a GGUF path, `hf:…`, `mock`. */
  model: string;
  device: Device;
  /** Compute threads; 0: one per core. */
  threads: number;
  /** How long idle compute threads spin before they sleep: 0 (not at all) to 100. */
  poll: number;
  slots: number;
  /** Tokens per slot; 0: what the model was trained for, at most 1024. */
  contextSize: number;
  /** Memory usage is measured against this many MiB of RSS; 0: the machine's memory. */
  memoryLimitMib: number;
}

/** The one place of these defaults. */
export const DEFAULT_ENGINE: Readonly<EngineSettings> = {
  model: "standin:distilgpt2",
  device: "auto",
  threads: 0,
  poll: DEFAULT_POLL,
  slots: 32,
  contextSize: 0,
  memoryLimitMib: 0,
};

/** Engine settings after the model was found: what the worker thread loads. */
export interface LoadSettings extends EngineSettings {
  /** The GGUF file; undefined: the mock engine. */
  modelPath: string | undefined;
}
