import { z } from "zod";
import { figures } from "../answers.js";
import { generating } from "../door.js";
import { figuresOf } from "../figures.js";
import { jsonText, type Wording } from "../respond.js";
import { maxTokens, sampling } from "../schemas.js";
import { sseFrame } from "../sse.js";
import { JSON_TYPE, SSE_TYPE } from "./endpoint.js";

/** `POST /generate`: text with the scheduler's own figures. */
export const generate = generating({
  path: "/generate",
  summary: "Complete a prompt, with the scheduler's figures",
  name: "generate",
  idPrefix: "gen",
  body: z.strictObject({ prompt: z.string(), max_new_tokens: maxTokens, ...sampling }),
  answers: {
    [JSON_TYPE]: figures.extend({ text: z.string() }),
    [SSE_TYPE]: z.union([z.strictObject({ text: z.string() }), figures]),
  },
  ask: ({ body }) => ({
    prompts: [body.prompt],
    promptField: "prompt",
    sampling: body,
    maxTokens: body.max_new_tokens,
    maxTokensField: "max_new_tokens",
  }),
  wording: (_call, _ask, id) => generateWording(id),
});

function generateWording(id: string): Wording {
  return {
    frames: {
      delta: (_index, text) => (text === "" ? "" : sseFrame(`{"text":${jsonText(text)}}`)),
      ending: (choice) => sseFrame(JSON.stringify(figuresOf(id, choice))),
      closing: () => "",
    },
    body: (choices) => ({ text: choices[0]!.text, ...figuresOf(id, choices[0]!) }),
  };
}
