import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import type { ServerContext } from "../context.js";
import { planRequests } from "../plan.js";
import { collect } from "../respond.js";
import { correctBody } from "../schemas.js";
import { ANSWER_MARKER, isTutor, maxAnswerTokens, refusal } from "../tutor.js";
import { parseBody } from "../validate.js";

/** `POST /correct`: one English sentence, corrected by the tutor model. */
export function correctRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post("/correct", async (request, reply) => {
    const arrivalMs = context.clock.nowMs();
    const body = parseBody(correctBody, request.body);
    if (!isTutor(context.host)) {
      throw new SluiceError("model_not_found", "/correct needs the tutor model; start the server with --model tutor.");
    }
    const sentence = body.sentence.trim();
    if (sentence === "") throw new SluiceError("invalid_request", "sentence: it is empty.", { field: "sentence" });
    context.admission.checkRoom(1, arrivalMs);
    const learnerId = body.learner_id ?? null;
    const unchanged = (note: string) => ({ corrected: body.sentence, changed: false, learner_id: learnerId, note });
    const promptTokens =
      sentence.length > context.host.info.contextSize * 16 ? [] : context.host.tokenize(sentence, false);
    const note = refusal(sentence, promptTokens.length, context.host.info);
    if (note !== undefined) return unchanged(note);
    request.promptTexts = () => [sentence];
    const choices = await collect(context, reply, {
      requests: planRequests(context, [[...promptTokens, ...context.host.tokenize(ANSWER_MARKER, true)]], {
        id: `cor-${context.newId()}`,
        body: { temperature: 0, user: learnerId ?? "" },
        maxTokensField: "sentence",
        maxTokens: maxAnswerTokens(promptTokens.length, context.host.info),
        n: 1,
        logprobs: undefined,
        responseFormat: undefined,
        arrivalMs,
      }),
      endpoint: "correct",
      arrivalMs,
    });
    const { text, finished } = choices[0]!;
    request.outcome = { promptTokens: finished.promptTokens, completionTokens: finished.completionTokens };
    const corrected = text.trim();
    if (finished.reason === "length" || corrected === "") return unchanged("The model gave no complete answer.");
    return { corrected, changed: corrected !== sentence, learner_id: learnerId, note: null };
  });
}
