import { z } from "zod";
import type { ServerContext } from "../context.js";
import { checkModel } from "../plan.js";
import { endpoint, JSON_TYPE } from "./endpoint.js";

const model = z.strictObject({
  id: z.string(),
  object: z.literal("model"),
  created: z.int().describe("Unix time"),
  owned_by: z.string(),
  root: z.string().describe("The model as the server was told"),
  parent: z.null(),
  max_model_len: z.int().describe("Tokens of prompt and output together"),
});

/** `GET /v1/models`. */
export const models = endpoint({
  method: "GET",
  path: "/v1/models",
  summary: "The names that the model is served under",
  answers: { [JSON_TYPE]: z.strictObject({ object: z.literal("list"), data: z.array(model) }) },
  answer: ({ context }) => ({ object: "list", data: context.modelNames.map((name) => describe(context, name)) }),
});

/** `GET /v1/models/NAME`; names may hold slashes. */
export const modelByName = endpoint({
  method: "GET",
  path: "/v1/models/*",
  summary: "One of those names",
  answers: { [JSON_TYPE]: model },
  answer({ context, request }) {
    const name = (request.params as { readonly "*": string })["*"];
    checkModel(context, name);
    return describe(context, name);
  },
});

function describe({ host, startedAtS }: ServerContext, id: string): z.infer<typeof model> {
  return {
    id,
    object: "model",
    created: startedAtS,
    owned_by: "sluice",
    root: host.info.model,
    parent: null,
    max_model_len: host.info.contextSize,
  };
}
