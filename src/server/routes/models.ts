import type { FastifyInstance } from "fastify";
import type { ServerContext } from "../context.js";
import { checkModel } from "../plan.js";

/** `GET /v1/models` and `GET /v1/models/NAME`. */
export function modelRoutes(app: FastifyInstance, context: ServerContext): void {
  const describe = (id: string) => ({
    id,
    object: "model",
    created: context.startedAtS,
    owned_by: "sluice",
    root: context.host.info.model,
    parent: null,
    max_model_len: context.host.info.contextSize,
  });
  app.get("/v1/models", () => ({ object: "list", data: context.modelNames.map(describe) }));
  app.get<{ Params: { "*": string } }>("/v1/models/*", (request) => {
    const name = request.params["*"];
    checkModel(context, name);
    return describe(name);
  });
}
