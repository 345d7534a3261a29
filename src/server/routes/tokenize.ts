import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import { chatPrompt } from "../chat-prompt.js";
import type { ServerContext } from "../context.js";
import { checkModel, checkTokenIds } from "../plan.js";
import { detokenizeBody, tokenizeBody } from "../schemas.js";
import { parseBody } from "../validate.js";

/** Texts above this would hold up every other client while they are tokenized. */
const MAX_TOKENIZE_CHARS = 262_144;

/** `POST /tokenize` and `POST /detokenize`, as vLLM's. */
export function tokenizeRoutes(app: FastifyInstance, context: ServerContext): void {
  const { host } = context;
  app.post("/tokenize", async (request) => {
    const body = parseBody(tokenizeBody, request.body);
    checkModel(context, body.model);
    const field = "prompt" in body ? "prompt" : "messages";
    const text =
      "prompt" in body ? body.prompt : chatPrompt(context, body.messages, body.add_generation_prompt ?? true);
    if (text.length > MAX_TOKENIZE_CHARS) {
      throw new SluiceError("invalid_request", `${field}: at most ${MAX_TOKENIZE_CHARS} characters at a time.`, {
        field,
      });
    }
    const tokens = await host.tokenizeAside(text, true);
    return {
      count: tokens.length,
      max_model_len: host.info.contextSize,
      tokens,
      token_strs: body.return_token_strs === true ? tokens.map((token) => host.detokenize([token], true)) : null,
    };
  });
  app.post("/detokenize", (request) => {
    const body = parseBody(detokenizeBody, request.body);
    checkModel(context, body.model);
    checkTokenIds(context, body.tokens, "tokens");
    return { prompt: host.detokenize(body.tokens, true) };
  });
}
