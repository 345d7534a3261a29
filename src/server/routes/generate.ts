import type { FastifyInstance } from "fastify";
import type { ServerContext } from "../context.js";
import { figuresOf } from "../figures.js";
import { planRequests, tokenizePrompts } from "../plan.js";
import { jsonText, respond, type Wording } from "../respond.js";
import { generateBody } from "../schemas.js";
import { sseFrame } from "../sse.js";
import { parseBody } from "../validate.js";

/** `POST /generate`: text with the scheduler's own figures. */
export function generateRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post("/generate", async (request, reply) => {
    const arrivalMs = context.clock.nowMs();
    const body = parseBody(generateBody, request.body);
    context.admission.checkRoom(1, arrivalMs);
    const id = `gen-${context.newId()}`;
    const requests = planRequests(context, await tokenizePrompts(context, [body.prompt], "prompt"), {
      id,
      body,
      maxTokensField: "max_new_tokens",
      maxTokens: body.max_new_tokens,
      n: 1,
      logprobs: undefined,
      responseFormat: undefined,
      arrivalMs,
    });
    request.promptTexts = () => [body.prompt];
    return respond(context, request, reply, {
      requests,
      endpoint: "generate",
      arrivalMs,
      stream: body.stream === true,
      wording: generateWording(id),
    });
  });
}

function generateWording(id: string): Wording {
  return {
    delta: (_index, text) => (text === "" ? "" : sseFrame(`{"text":${jsonText(text)}}`)),
    ending: (choice) => sseFrame(JSON.stringify(figuresOf(id, choice))),
    closing: () => "",
    body: (choices) => ({ text: choices[0]!.text, ...figuresOf(id, choices[0]!) }),
  };
}
