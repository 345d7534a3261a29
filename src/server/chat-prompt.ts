import { SluiceError } from "../errors.js";
import { renderChat } from "../text/chat-template.js";
import type { ServerContext } from "./context.js";
import type { ChatMessage } from "./schemas.js";

/** For models without weights worth talking to (stand-ins and the mock), so that chat clients can be tried on them. */
const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}" +
  "{% if add_generation_prompt %}assistant:{% endif %}";

/**
 * The prompt text of a conversation, by the model's own template.
 *
 * @throws SluiceError `invalid_request` when there is no template or it refuses these messages
 */
export function chatPrompt(
  context: ServerContext,
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): string {
  const template = context.settings.chatTemplate ?? context.host.info.chatTemplate ?? fallback(context);
  if (template === undefined) {
    throw new SluiceError(
      "invalid_request",
      "This model has no chat template; use /v1/completions, or start the server with --chat-template FILE.",
      { field: "messages" },
    );
  }
  const plain = messages.map(({ role, content, name }) => ({
    role: role === "developer" ? "system" : role,
    content: typeof content === "string" ? content : content.map((part) => part.text).join(""),
    ...(name ? { name } : {}),
  }));
  return renderChat(template, plain, { addGenerationPrompt });
}

function fallback(context: ServerContext): string | undefined {
  const { kind, model } = context.host.info;
  return kind === "mock" || model.startsWith("standin:") ? PLAIN_TEMPLATE : undefined;
}
