import { z } from "zod";
import { SluiceError } from "../../errors.js";
import { plainText } from "../../text/markers.js";
import { checkTokenIds } from "../plan.js";
import { chatMessages, modelName, tokenIds } from "../schemas.js";
import { endpoint, JSON_TYPE } from "./endpoint.js";

/** Texts above this would keep a core for a second. */
const MAX_TOKENIZE_CHARS = 262_144;

/** `POST /tokenize`, as vLLM's. */
export const tokenize = endpoint({
  method: "POST",
  path: "/tokenize",
  summary: "Token ids of a text or a conversation",
  body: z.union([
    z.strictObject({ model: modelName, prompt: z.string(), return_token_strs: z.boolean().optional() }),
    z.strictObject({
      model: modelName,
      messages: chatMessages,
      add_generation_prompt: z.boolean().optional(),
      return_token_strs: z.boolean().optional(),
    }),
  ]),
  answers: {
    [JSON_TYPE]: z.strictObject({
      count: z.int(),
      max_model_len: z.int(),
      tokens: z.array(z.int()),
      token_strs: z.array(z.string()).nullable(),
    }),
  },
  async answer({ context, body }) {
    const { host } = context;
    const field = "prompt" in body ? "prompt" : "messages";
    const prompt = "prompt" in body ? body.prompt : context.chats.of(body.messages, body.add_generation_prompt ?? true);
    if (plainText(prompt).length > MAX_TOKENIZE_CHARS) {
      const message = `${field}: at most ${MAX_TOKENIZE_CHARS} characters at a time.`;
      throw new SluiceError("invalid_request", message, { field });
    }
    const tokens = await host.tokenizeAside(prompt, true);
    return {
      count: tokens.length,
      max_model_len: host.info.contextSize,
      tokens,
      token_strs: body.return_token_strs === true ? tokens.map((token) => host.detokenize([token], true)) : null,
    };
  },
});

/** `POST /detokenize`, as vLLM's. */
export const detokenize = endpoint({
  method: "POST",
  path: "/detokenize",
  summary: "Text of token ids",
  body: z.strictObject({ model: modelName, tokens: tokenIds }),
  answers: { [JSON_TYPE]: z.strictObject({ prompt: z.string() }) },
  answer({ context, body }) {
    checkTokenIds(context, body.tokens, "tokens");
    return { prompt: context.host.detokenize(body.tokens, true) };
  },
});
