import { z } from "zod";
import { SluiceError } from "../../errors.js";
import { correctionOf, isTutor, tutorPrompt } from "../../tutor/tutor.js";
import { figures } from "../answers.js";
import { generating } from "../door.js";
import { figuresOf } from "../figures.js";
import { optional, userName } from "../schemas.js";
import { JSON_TYPE } from "./endpoint.js";

const correction = {
  corrected: z.string(),
  changed: z.boolean(),
  learner_id: z.string().nullable(),
  note: z.string().nullable(),
};

/** `POST /correct`: one English sentence, corrected by the tutor model. */
export const correct = generating({
  path: "/correct",
  summary: "Correct an English sentence with the tutor model",
  name: "correct",
  idPrefix: "cor",
  body: z.strictObject({
    sentence: z.string().describe("One English sentence"),
    learner_id: optional(userName, "Given back; the `fair` order shares the engine between learners"),
  }),
  answers: { [JSON_TYPE]: z.union([figures.extend(correction), z.strictObject(correction)]) },
  ask({ context: { host }, body }) {
    if (!isTutor(host)) {
      throw new SluiceError("model_not_found", "/correct needs the tutor model; start the server with --model tutor.");
    }
    const sentence = body.sentence.trim();
    if (sentence === "") throw new SluiceError("invalid_request", "sentence: it is empty.", { field: "sentence" });
    const prompt = tutorPrompt(host, sentence);
    if ("refusal" in prompt) {
      const { sentence: corrected, learner_id = null } = body;
      return { answer: { corrected, changed: false, learner_id, note: prompt.refusal } };
    }
    return {
      prompts: [prompt.tokens],
      promptField: "sentence",
      shown: [sentence],
      sampling: { temperature: 0, user: body.learner_id },
      maxTokens: host.info.contextSize - prompt.tokens.length,
      maxTokensField: "sentence",
    };
  },
  wording: ({ body }, _ask, id) => ({
    body([choice]) {
      const { text, finished } = choice!;
      const { corrected, changed, note = null } = correctionOf(body.sentence, text, finished.reason === "stop");
      return { corrected, changed, learner_id: body.learner_id ?? null, note, ...figuresOf(id, choice!) };
    },
  }),
});
