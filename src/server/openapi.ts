/** The OpenAPI page, made from what the endpoints say of themselves: the same schemas check the requests. */
import { z } from "zod";
import { ERRORS } from "../errors.js";
import { type Description, JSON_TYPE } from "./endpoints/endpoint.js";

const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS]),
  }),
});

/** An OpenAPI 3.1 document. */
export function openApiDocument(endpoints: readonly Description[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const { path, method } = endpoint;
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(endpoint) };
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
      schemas: { Error: toJson(errorSchema, "output") },
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
}

function describe({ summary, open, body, answers }: Description): object {
  const content = Object.entries(answers).map(([type, schema]) => [type, { schema: toJson(schema, "output") }]);
  const failure = { content: { [JSON_TYPE]: { schema: { $ref: "#/components/schemas/Error" } } } };
  return {
    summary,
    ...(open ? {} : { security: [{ key: [] }, {}] }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [JSON_TYPE]: { schema: toJson(body, "input") } } } }),
    responses: {
      200: { description: "Success", content: Object.fromEntries(content) },
      "4XX": { description: "The request is at fault; nothing was enqueued", ...failure },
      "5XX": { description: "The server is full, draining or at fault", ...failure },
    },
  };
}

function toJson(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
