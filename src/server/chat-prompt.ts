import { SluiceError } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import { ChatTemplate } from "../text/chat-template.js";
import type { PromptText } from "../text/markers.js";
import type { ChatMessage } from "./schemas.js";
import type { ServerSettings } from "./settings.js";

/** For models without weights worth talking to (stand-ins and the mock), so that chat clients can be tried on them. */
const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}" +
  "{% if add_generation_prompt %}assistant:{% endif %}";

/** Where a chat's prompt comes from: the template, found and tried once. */
export class ChatPrompts {
  readonly #host: EngineHost;
  readonly #source: string | undefined;
  readonly #template: ChatTemplate | undefined;
  /** Why there is none. */
  readonly #missing: string = "";
  /** What is worth a line in the log: that chats are refused, or rendered otherwise than asked. */
  readonly note: string | undefined;

  /** @throws SluiceError `usage` when the template that was given cannot be used; the model's own is noted instead */
  constructor(host: EngineHost, settings: Pick<ServerSettings, "chatTemplate">) {
    this.#host = host;
    const { chatTemplate, kind, model } = host.info;
    const isPlain = kind === "mock" || model.startsWith("standin:");
    this.#source = settings.chatTemplate ?? chatTemplate ?? (isPlain ? PLAIN_TEMPLATE : undefined);
    if (this.#source === undefined) {
      this.#missing = "This model has no chat template";
      return;
    }
    try {
      const name =
        settings.chatTemplate === undefined ? "the model's own chat template" : "--chat-template: the template";
      this.#template = new ChatTemplate(this.#source, name);
      if (this.#template.mergesSystem) {
        this.note = "the chat template takes no system message: what it says is put before the next user's message";
      }
    } catch (error) {
      if (settings.chatTemplate !== undefined) throw error;
      this.#missing = SluiceError.from(error).message;
      this.note = `${this.#missing}; chats are refused, and --chat-template FILE replaces it`;
    }
  }

  /**
   * The prompt of a conversation. Markers in what the messages say are letters: only the template's own count.
   *
   * @throws SluiceError `invalid_request` when there is no template or it refuses these messages
   */
  of(messages: readonly ChatMessage[], addGenerationPrompt: boolean): PromptText {
    if (this.#template === undefined) {
      throw new SluiceError(
        "invalid_request",
        `${this.#missing}; use /v1/completions, or start the server with --chat-template FILE.`,
        { field: "messages" },
      );
    }
    const { markers } = this.#host;
    const plain = messages.map(({ role, content, name }) => ({
      role: role === "developer" ? "system" : role,
      content: typeof content === "string" ? content : content.map((part) => part.text).join(""),
      ...(name ? { name } : {}),
    }));
    const words = plain.flatMap(({ content, name }) => [content, name ?? ""]);
    const { texts, letters } = markers.guard(words, [this.#source!]);
    const guarded = plain.map((message, at) => ({
      ...message,
      content: texts[2 * at]!,
      ...(message.name ? { name: texts[2 * at + 1]! } : {}),
    }));
    const rendered = this.#template.render(letters.size === 0 ? plain : guarded, {
      addGenerationPrompt,
      bosToken: markers.frame.begin,
      eosToken: markers.frame.end,
    });
    return markers.split(rendered, letters);
  }
}
