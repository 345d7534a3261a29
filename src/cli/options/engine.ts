import type { Command } from "commander";
import { DEFAULT_ENGINE, ENGINE_OPTIONS, type EngineSettings } from "../../host/settings.js";
import { standinOfHubName } from "../../models/standin/shapes.js";
import { addSettings, settingsOf } from "./settings.js";

/** The model and where it runs. */
export function addEngineOptions(command: Command, defaultModel: string = DEFAULT_ENGINE.model): Command {
  addSettings(command.optionsGroup("Model:"), ENGINE_OPTIONS, { model: defaultModel });
  command.options.find((option) => option.long === "--model")?.argParser(modelSpelling);
  return command;
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
