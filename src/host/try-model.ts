import { SluiceError } from "../errors.js";
import { checkVocabulary } from "../models/gguf/check.js";
import { readGguf } from "../models/gguf/reader.js";
import { DEFAULT_SCHEDULER } from "../scheduler/settings.js";
import { makeRequest } from "./request.js";
import type { LoadSettings } from "./settings.js";
import { startEngineHost } from "./start.js";

/** Prompts of this length take the other path through llama.cpp than single tokens. */
const PROMPT_TOKENS = 80;
const ANSWER_TOKENS = 4;

/**
 * Opens a model as a server would, tokenizes every byte and computes a few tokens. What llama.cpp cannot stand ends the
 * process: this is for a process that may end.
 *
 * @throws SluiceError `model_unavailable`, `device_unavailable`, `usage`, `engine_failed`
 */
export async function tryModel(load: LoadSettings): Promise<void> {
  checkVocabulary(readGguf(load.modelPath!, { arrayItems: Number.POSITIVE_INFINITY }));
  const host = await startEngineHost({ ...load, slots: 1 }, { ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: 1 } });
  const tokens = host.tokenize(everyByte(), true);
  host.detokenize(tokens);
  const { contextSize } = host.info;
  const promptTokens = tokens.slice(0, Math.max(1, Math.min(PROMPT_TOKENS, contextSize - ANSWER_TOKENS)));
  const maxTokens = Math.min(ANSWER_TOKENS, contextSize - promptTokens.length);
  await new Promise<void>((resolve, reject) => {
    const request = makeRequest("trial", promptTokens, { maxTokens, ignoreEos: true }, 0);
    host.submit(request, (event) => {
      if (event.type === "failed") reject(SluiceError.fromData(event.error));
      else if (event.type === "finished") resolve();
    });
  });
  await host.close();
}

/** Words, and then characters whose UTF-8 has every byte that a text can have. */
function everyByte(): string {
  const words = "The quick brown fox, 1234: it's <b>not</b> dead!\n\n".repeat(8);
  const characters = Array.from({ length: 0x800 }, (_, code) => String.fromCodePoint(code));
  const leads = Array.from({ length: 0x10f }, (_, block) => block * 0x1000).filter(
    (code) => (code & 0xf800) !== 0xd800,
  );
  return words + [...characters, ...leads.map((code) => String.fromCodePoint(code + 0xfff))].join(" ");
}
