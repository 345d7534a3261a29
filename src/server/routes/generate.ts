import type { FastifyInstance } from "fastify";
import type { Choice } from "../answer.js";
import type { ServerContext } from "../context.js";
import { planRequests, tokenizePrompt } from "../plan.js";
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
    const requests = planRequests(context, [tokenizePrompt(context, body.prompt, "prompt")], {
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
    ending: (choice) => sseFrame(JSON.stringify(figures(id, choice))),
    closing: () => "",
    body: (choices) => ({ text: choices[0]!.text, ...figures(id, choices[0]!) }),
  };
}

function figures(id: string, { finished, trace }: Choice) {
  return {
    id,
    finish_reason: finished.reason,
    prompt_tokens: finished.promptTokens,
    completion_tokens: finished.completionTokens,
    queue_s: seconds(trace.startedMs - trace.arrivalMs),
    ttft_s: seconds(trace.firstTokenMs - trace.arrivalMs),
    latency_s: seconds(finished.nowMs - trace.arrivalMs),
    batch: trace.batch,
    batch_size: trace.batchSize,
  };
}

/** Milliseconds as seconds with microseconds; null for a time that never came. */
function seconds(durationMs: number): number | null {
  return Number.isNaN(durationMs) ? null : Math.round(durationMs * 1000) / 1e6;
}
