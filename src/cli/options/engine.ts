import type { Command } from "commander";
import { DEFAULT_ENGINE, ENGINE_OPTIONS, type EngineSettings } from "../../host/settings.js";
import { standinOfHubName } from "../../models/standin/shapes.js";
import { type Given, needs } from "../needs.js";
import { addSettings, settingsOf } from "./settings.js";

/** The model and where it runs. */
export function addEngineOptions(command: Command, defaultModel: string = DEFAULT_ENGINE.model): Command {
  addSettings(command.optionsGroup("Model:"), ENGINE_OPTIONS, { model: defaultModel });
  command.options.find((option) => option.long === "--model")?.argParser(modelSpelling);
  const computes = ({ model = defaultModel }: Given): boolean => model !== "mock";
  for (const option of command.options) {
    if (option.long === "--memory-limit") needs(option, MOCK_HAS_NONE, computes);
    if (option.long === "--device") needs(option, MOCK_HAS_NONE, (given) => computes(given) || !isGpu(given.device));
  }
  return command;
}

const MOCK_HAS_NONE = "the mock model uses no device and no memory; it needs another --model";

function isGpu(device: unknown): boolean {
  return device !== "auto" && device !== "cpu";
}

/** What the model's word means here; says so where the word is another system's name for it. */
function modelSpelling(word: string): string {
  const standin = standinOfHubName(word);
  if (standin === undefined) return word;
  const file = "hf:user/repo[:quant] or a .gguf file brings trained ones";
  process.stderr.write(`sluice: ${word} means standin:${standin}, its shape with random weights; ${file}\n`);
  return `standin:${standin}`;
}

export function engineSettings(flags: object, defaultModel: string = DEFAULT_ENGINE.model): EngineSettings {
  return settingsOf(flags, ENGINE_OPTIONS, { model: defaultModel });
}
