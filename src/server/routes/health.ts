import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import type { HostStats } from "../../host/protocol.js";
import type { ServerContext } from "../context.js";
import { openApiDocument } from "../openapi.js";

/** `GET /health`, `/ready`, `/metrics` and `/openapi.json`: open without an API key, as vLLM's are. */
export function healthRoutes(app: FastifyInstance, context: ServerContext): void {
  app.get("/health", async () => {
    // The host answers between two steps: an answer means that the crank turns.
    const stats = await context.host.stats();
    return { status: "ok", running: stats.running, waiting: stats.waiting };
  });
  app.get("/ready", () => {
    if (context.admission.draining) throw new SluiceError("shutting_down", "The server is draining.");
    return { status: "ready", model: context.modelNames[0] };
  });
  app.get("/metrics", async (_request, reply) => {
    reply.type(context.metrics.registry.contentType);
    return context.metricsPage();
  });
  const document = JSON.stringify(openApiDocument());
  app.get("/openapi.json", (_request, reply) => reply.type("application/json").send(document));
}

/** The host's numbers, or nothing when it is gone: the other metrics are still worth a page. */
export async function statsOrNone(context: Pick<ServerContext, "host">): Promise<HostStats | undefined> {
  try {
    return await context.host.stats();
  } catch {
    return undefined;
  }
}
