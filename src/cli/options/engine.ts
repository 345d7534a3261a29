import { type Command, Option } from "commander";
import { DEFAULT_ENGINE, DEVICES, type Device, type EngineSettings } from "../../host/settings.js";
import { standinOfHubName } from "../../models/standin/shapes.js";
import { oneOf, wholeNumber } from "../values.js";

export interface EngineFlags {
  model?: string;
  device?: Device;
  threads?: number;
  poll?: number;
  contextSize?: number;
  slots?: number;
  memoryLimit?: number;
}

/** The model and where it runs. */
export function addEngineOptions(command: Command, defaultModel = DEFAULT_ENGINE.model): Command {
  return command
    .optionsGroup("Model:")
    .addOption(
      new Option(
        "--model <model>",
        `standin:distilgpt2|gpt2|gpt2-medium|nano, tutor, a .gguf file, hf:user/repo[:quant] or mock (default: ${defaultModel})`,
      )
        .env("LLM_MODEL")
        .argParser(modelSpelling),
    )
    .option("--device <device>", `${DEVICES.join("|")} (default: ${DEFAULT_ENGINE.device})`, oneOf("--device", DEVICES))
    .option(
      "--threads <n>",
      "compute threads (default: one per core, shared out among workers)",
      wholeNumber("--threads", 1, 1024),
    )
    .option(
      "--poll <0-100>",
      `how long idle compute threads spin before they sleep; 0 leaves the cores to others (default: ${DEFAULT_ENGINE.poll})`,
      wholeNumber("--poll", 0, 100),
    )
    .option(
      "--context-size <tokens>",
      "tokens per slot: prompt and output (default: the model's own, at most 1024)",
      wholeNumber("--context-size", 16),
    )
    .option("--slots <n>", "sequences at once (default: as many as the schedulers use)", wholeNumber("--slots", 1, 256))
    .option(
      "--memory-limit <MiB>",
      "what memory usage is measured against (default: the machine's memory)",
      wholeNumber("--memory-limit", 1),
    );
}

/** What the model's word means here; says so where the word is another system's name for it. */
function modelSpelling(word: string): string {
  const standin = standinOfHubName(word);
  if (standin === undefined) return word;
  const file = "hf:user/repo[:quant] or a .gguf file brings trained ones";
  process.stderr.write(`sluice: ${word} means standin:${standin}, its shape with random weights; ${file}\n`);
  return `standin:${standin}`;
}

/** Slots of 0: as many as the schedulers use. */
export function engineSettings(flags: EngineFlags, defaultModel = DEFAULT_ENGINE.model): EngineSettings {
  return {
    model: flags.model ?? defaultModel,
    device: flags.device ?? DEFAULT_ENGINE.device,
    threads: flags.threads ?? DEFAULT_ENGINE.threads,
    poll: flags.poll ?? DEFAULT_ENGINE.poll,
    contextSize: flags.contextSize ?? DEFAULT_ENGINE.contextSize,
    slots: flags.slots ?? 0,
    memoryLimitMib: flags.memoryLimit ?? DEFAULT_ENGINE.memoryLimitMib,
  };
}
