/** The OpenAPI page, made from the same schemas that check the requests. */
import { z } from "zod";
import { ERRORS } from "../errors.js";
import { chatBody, completionBody, correctBody, detokenizeBody, generateBody, tokenizeBody } from "./schemas.js";

interface Operation {
  readonly method: "get" | "post";
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  /** Media types of a good answer. */
  readonly answers: readonly string[];
  readonly open?: boolean;
}

const JSON_TYPE = "application/json";
const SSE_TYPE = "text/event-stream";

/** Every endpoint of the server. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/completions",
    summary: "Complete a prompt",
    body: completionBody,
    answers: [JSON_TYPE, SSE_TYPE],
  },
  {
    method: "post",
    path: "/v1/chat/completions",
    summary: "Answer a conversation",
    body: chatBody,
    answers: [JSON_TYPE, SSE_TYPE],
  },
  {
    method: "post",
    path: "/generate",
    summary: "Complete a prompt, with the scheduler's figures",
    body: generateBody,
    answers: [JSON_TYPE, SSE_TYPE],
  },
  {
    method: "post",
    path: "/correct",
    summary: "Correct an English sentence with the tutor model",
    body: correctBody,
    answers: [JSON_TYPE],
  },
  { method: "get", path: "/v1/models", summary: "The names that the model is served under", answers: [JSON_TYPE] },
  {
    method: "post",
    path: "/tokenize",
    summary: "Token ids of a text or a conversation",
    body: tokenizeBody,
    answers: [JSON_TYPE],
  },
  { method: "post", path: "/detokenize", summary: "Text of token ids", body: detokenizeBody, answers: [JSON_TYPE] },
  { method: "get", path: "/health", summary: "Whether the engine runs", answers: [JSON_TYPE], open: true },
  { method: "get", path: "/ready", summary: "Whether new requests are taken", answers: [JSON_TYPE], open: true },
  { method: "get", path: "/metrics", summary: "Prometheus metrics", answers: ["text/plain"], open: true },
  { method: "get", path: "/openapi.json", summary: "This page", answers: [JSON_TYPE], open: true },
  { method: "get", path: "/events", summary: "The dashboard's feed", answers: [SSE_TYPE] },
];

const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS]),
  }),
});

/** An OpenAPI 3.1 document. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: "1",
      description: "OpenAI-compatible server; docs/serving.md explains settings.",
    },
    paths,
    components: {
      schemas: { Error: toJson(errorSchema) },
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
}

function describe(operation: Operation): object {
  const content = Object.fromEntries(operation.answers.map((type) => [type, {}]));
  const failure = { content: { [JSON_TYPE]: { schema: { $ref: "#/components/schemas/Error" } } } };
  return {
    summary: operation.summary,
    ...(operation.open ? {} : { security: [{ key: [] }, {}] }),
    ...(operation.body === undefined
      ? {}
      : { requestBody: { required: true, content: { [JSON_TYPE]: { schema: toJson(operation.body) } } } }),
    responses: {
      200: { description: "Success", content },
      "4XX": { description: "The request is at fault; nothing was enqueued", ...failure },
      "5XX": { description: "The server is full, draining or at fault", ...failure },
    },
  };
}

function toJson(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
