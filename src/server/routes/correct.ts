import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import { correctionOf, isTutor, tutorPrompt } from "../../tutor/tutor.js";
import type { ServerContext } from "../context.js";
import { figuresOf } from "../figures.js";
import { planRequests } from "../plan.js";
import { collect } from "../respond.js";
import { correctBody } from "../schemas.js";
import { parseBody } from "../validate.js";

/** `POST /correct`: one English sentence, corrected by the tutor model. */
export function correctRoutes(app: FastifyInstance, context: ServerContext): void {
  const { host, admission, clock } = context;
  app.post("/correct", async (request, reply) => {
    const arrivalMs = clock.nowMs();
    const body = parseBody(correctBody, request.body);
    if (!isTutor(host)) {
      throw new SluiceError("model_not_found", "/correct needs the tutor model; start the server with --model tutor.");
    }
    const sentence = body.sentence.trim();
    if (sentence === "") throw new SluiceError("invalid_request", "sentence: it is empty.", { field: "sentence" });
    admission.checkRoom(1, arrivalMs);
    const learnerId = body.learner_id ?? null;
    const unchanged = (note: string) => ({ corrected: body.sentence, changed: false, learner_id: learnerId, note });
    const prompt = tutorPrompt(host, sentence);
    if ("refusal" in prompt) return unchanged(prompt.refusal);
    request.promptTexts = () => [sentence];
    const id = `cor-${context.newId()}`;
    const requests = planRequests(context, [prompt.tokens], {
      id,
      body: { temperature: 0, user: learnerId ?? "" },
      maxTokensField: "sentence",
      maxTokens: host.info.contextSize - prompt.tokens.length,
      n: 1,
      logprobs: undefined,
      responseFormat: undefined,
      arrivalMs,
    });
    const choices = await collect(context, reply, { requests, endpoint: "correct", arrivalMs });
    const { text, finished } = choices[0]!;
    request.outcome = { promptTokens: finished.promptTokens, completionTokens: finished.completionTokens };
    const { corrected, changed, note = null } = correctionOf(body.sentence, text, finished.reason === "stop");
    return { corrected, changed, learner_id: learnerId, note, ...figuresOf(id, choices[0]!) };
  });
}
