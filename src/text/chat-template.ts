import { Template } from "@huggingface/jinja";
import { SluiceError } from "../errors.js";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface ChatOptions {
  /** End with the marker after which the assistant speaks. */
  readonly addGenerationPrompt: boolean;
  /** The model's own begin and end markers, which templates may write out. */
  readonly bosToken?: string;
  readonly eosToken?: string;
}

/**
 * Renders a conversation with a model's chat template (Jinja, as in its `tokenizer_config.json` or GGUF).
 * @throws SluiceError `invalid_request` when the template does not parse or refuses the messages
 */
export function renderChat(template: string, messages: readonly ChatMessage[], options: ChatOptions): string {
  try {
    return new Template(template).render({
      messages,
      add_generation_prompt: options.addGenerationPrompt,
      bos_token: options.bosToken ?? "",
      eos_token: options.eosToken ?? "",
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SluiceError("invalid_request", `the model's chat template cannot render these messages: ${reason}`, {
      field: "messages",
      cause: error,
    });
  }
}
