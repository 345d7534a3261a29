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

/** Metrics are asked for every few seconds: they do not wait for a step that takes longer. */
const STATS_TIMEOUT_MS = 1500;

/** The host's numbers, or nothing when it is gone or in a long step: the other metrics are still worth a page. */
export async function statsOrNone(context: Pick<ServerContext, "host">): Promise<HostStats | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, STATS_TIMEOUT_MS, undefined);
  });
  try {
    return await Promise.race([context.host.stats(), timeout]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
