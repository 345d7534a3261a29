/** What load balancers and Prometheus ask: open without an API key, as vLLM's are. */
import { z } from "zod";
import { SluiceError } from "../../errors.js";
import { endpoint, JSON_TYPE } from "./endpoint.js";

/** `GET /health`. */
export const health = endpoint({
  method: "GET",
  path: "/health",
  summary: "Whether the engine runs",
  open: true,
  answers: { [JSON_TYPE]: z.strictObject({ status: z.literal("ok"), running: z.int(), waiting: z.int() }) },
  async answer({ context }) {
    // The host answers between two steps: an answer means that the crank turns.
    const { running, waiting } = await context.host.stats();
    return { status: "ok", running, waiting };
  },
});

/** `GET /ready`. */
export const ready = endpoint({
  method: "GET",
  path: "/ready",
  summary: "Whether new requests are taken",
  open: true,
  answers: { [JSON_TYPE]: z.strictObject({ status: z.literal("ready"), model: z.string() }) },
  answer({ context }) {
    if (context.admission.draining) throw new SluiceError("shutting_down", "The server is draining.");
    return { status: "ready", model: context.modelNames[0] };
  },
});

/** `GET /metrics`. */
export const metrics = endpoint({
  method: "GET",
  path: "/metrics",
  summary: "Prometheus metrics",
  open: true,
  answers: { "text/plain": z.string() },
  answer({ context, reply }) {
    reply.type(context.metrics.registry.contentType);
    return context.metricsPage();
  },
});
