import { SluiceError } from "../errors.js";
import { RaisedError, TemplateError } from "./jinja/errors.js";
import { Template } from "./jinja/template.js";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly name?: string;
}

export interface ChatOptions {
  /** End with the marker after which the assistant speaks. */
  readonly addGenerationPrompt: boolean;
  /** The model's own begin and end markers, which templates may write out. */
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
}

/**
 * Steps that a rendering may take: a conversation of a thousand messages takes some hundred thousand with the longest of
 * templates, and all of them take a tenth of a second.
 */
const RENDER_BUDGET = 500_000;

/** A word that no template has. */
const NEEDLE = "c0ffee-needle";

/** A model's chat template (Jinja, as in its `tokenizer_config.json` or GGUF). */
export class ChatTemplate {
  readonly #template: Template;
  /** The template refuses or leaves out a system message: what it says is put before the first user's. */
  readonly mergesSystem: boolean;

  /**
   * Parses the template and tries it with one message.
   * @param source the template's text; the mark that some editors begin a file with is no part of it
   * @throws SluiceError `usage` when it does not parse, or takes too many steps for a message
   */
  constructor(source: string, name: string) {
    try {
      this.#template = new Template(source.replace(/^\ufeff/, ""));
      this.#trial([{ role: "user", content: NEEDLE }]);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new SluiceError("usage", `${name} cannot be used: ${error.message}`, {
        field: "chat-template",
        cause: error,
      });
    }
    const system = { role: "system", content: NEEDLE };
    this.mergesSystem =
      this.#trial([{ role: "user", content: "hi" }]) !== undefined &&
      this.#trial([system, { role: "user", content: "hi" }])?.includes(NEEDLE) !== true;
  }

  /** What it makes of messages; undefined when it refuses them. @throws TemplateError when it takes too many steps */
  #trial(messages: readonly ChatMessage[]): string | undefined {
    try {
      return this.#render(messages, { addGenerationPrompt: true });
    } catch (error) {
      if (error instanceof TemplateError && !error.isEndless) return undefined;
      throw error;
    }
  }

  #render(messages: readonly ChatMessage[], options: ChatOptions): string {
    // As transformers calls it: tools and documents are there, and are nothing.
    const context = {
      messages,
      tools: null,
      documents: null,
      add_generation_prompt: options.addGenerationPrompt,
      bos_token: options.bosToken,
      eos_token: options.eosToken,
    };
    return this.#template.render(context, { budget: RENDER_BUDGET, now: new Date() });
  }

  /**
   * The prompt of a conversation.
   * @throws SluiceError `invalid_request` when the template refuses the messages or takes too many steps for them
   */
  render(messages: readonly ChatMessage[], options: ChatOptions): string {
    try {
      return this.#render(this.mergesSystem ? withoutSystem(messages) : messages, options);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const reason = error instanceof RaisedError ? error.reason : error.message;
      throw new SluiceError("invalid_request", `the model's chat template cannot render these messages: ${reason}`, {
        field: "messages",
        cause: error,
      });
    }
  }
}

/** What the system says goes before what the user says next. */
function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const merged: ChatMessage[] = [];
  let said: string[] = [];
  for (const message of messages) {
    if (message.role === "system") said.push(message.content);
    else if (message.role === "user" && said.length > 0) {
      merged.push({ ...message, content: [...said, message.content].join("\n\n") });
      said = [];
    } else merged.push(message);
  }
  if (said.length > 0) merged.push({ role: "user", content: said.join("\n\n") });
  return merged;
}
