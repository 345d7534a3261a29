/**
 * What an endpoint is: where it lies, what it takes, what it answers. The registry holds all of them; routes, checks and the
 * OpenAPI page come from there. One that generates is made with `generating` (../door.ts), any other with `endpoint`.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { ServerContext } from "../context.js";

export const JSON_TYPE = "application/json";
export const SSE_TYPE = "text/event-stream";

/** What is told about an endpoint. */
export interface Description {
  readonly method: "GET" | "POST";
  /** `*` at the end stands for the rest of the path. */
  readonly path: string;
  readonly summary: string;
  /** Open to everyone, API key or not. */
  readonly open?: boolean;
  /** What the body must be; a field `model` is checked against the served names as well. */
  readonly body?: z.ZodType;
  /** Good answers, by media type; of a stream the frames. */
  readonly answers: Readonly<Record<string, z.ZodType>>;
}

/** One call. Its body has been checked. */
export interface Call<Body = unknown> {
  readonly context: ServerContext;
  readonly body: Body;
  /** When the last byte of the request had come, on the context's clock. */
  readonly arrivalMs: number;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface Endpoint extends Description {
  /** @returns the answer's body, or the reply when it was answered by hand; a SluiceError becomes an error answer */
  answer(call: Call): unknown;
}

/** Gives an endpoint's `answer` the type of its body. */
export function endpoint<Schema extends z.ZodType>(
  definition: Omit<Description, "body"> & { readonly body?: Schema; answer(call: Call<z.infer<Schema>>): unknown },
): Endpoint {
  return { ...definition, answer: (call) => definition.answer(call as Call<z.infer<Schema>>) };
}
