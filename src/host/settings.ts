import { DEFAULT_POLL } from "../engine/llama/thread-pool.js";
import { choice, count, countOrZero, defaultsOf, flag, type OptionValues, text } from "../options.js";

/** Where the model runs. */
export const DEVICES = ["auto", "cpu", "cuda", "vulkan", "metal"] as const;
export type Device = (typeof DEVICES)[number];

/** What can be set of an engine: the one place of names, defaults, ranges and help. */
export const ENGINE_OPTIONS = {
  model: {
    ...text(
      "standin:distilgpt2",
      "standin:distilgpt2|gpt2|gpt2-medium|nano, tutor, a .gguf file, hf:user/repo[:quant] or mock",
    ),
    argument: "model",
    variable: "LLM_MODEL",
  },
  device: { ...choice("auto", DEVICES, "where it runs"), argument: "device" },
  threads: countOrZero("one per core, shared out among workers", 1, 1024, "compute threads"),
  poll: {
    ...count(
      DEFAULT_POLL,
      0,
      100,
      "how long idle compute threads spin before they sleep; 0 leaves the cores to others",
    ),
    argument: "0-100",
  },
  reproducible: flag(
    false,
    "the same request gives the same tokens whatever else runs; prompts and lone clients take longer (processors only)",
  ),
  contextSize: {
    ...countOrZero("the model's own, at most 1024", 16, Number.MAX_SAFE_INTEGER, "tokens per slot: prompt and output"),
    argument: "tokens",
  },
  slots: countOrZero("as many as the scheduler uses", 1, 256, "sequences at once"),
  memoryLimitMib: {
    ...countOrZero("the machine's memory", 1, Number.MAX_SAFE_INTEGER, "what memory usage is measured against"),
    flag: "memory-limit",
    argument: "MiB",
  },
} as const;

/** How to make the engine: plain data. */
export type EngineSettings = OptionValues<typeof ENGINE_OPTIONS>;

export const DEFAULT_ENGINE: Readonly<EngineSettings> = defaultsOf(ENGINE_OPTIONS);

/** Engine settings after the model was found: what the worker thread loads. `slots` is a number of slots now. */
export interface LoadSettings extends EngineSettings {
  /** The GGUF file; undefined: the mock engine. */
  readonly modelPath: string | undefined;
}
