import { z } from "zod";
import { EVENTS } from "../dashboard.js";
import { openApiDocument } from "../openapi.js";
import { chat } from "./chat.js";
import { completions } from "./completions.js";
import { correct } from "./correct.js";
import { type Description, type Endpoint, JSON_TYPE } from "./endpoint.js";
import { generate } from "./generate.js";
import { modelByName, models } from "./models.js";
import { health, metrics, ready } from "./probes.js";
import { detokenize, tokenize } from "./tokenize.js";

/** Every endpoint, in the order of the OpenAPI page; a new one is one line here. */
export const ENDPOINTS: readonly Endpoint[] = [
  completions,
  chat,
  generate,
  correct,
  models,
  modelByName,
  tokenize,
  detokenize,
  health,
  ready,
  metrics,
];

const OPENAPI: Description = {
  method: "GET",
  path: "/openapi.json",
  summary: "This page",
  open: true,
  answers: { [JSON_TYPE]: z.looseObject({}) },
};

/** `GET /openapi.json`. */
export function openApiEndpoint(): Endpoint {
  // The page has no words for the rest of a path.
  const described = [...ENDPOINTS, OPENAPI, EVENTS].filter(({ path }) => !path.endsWith("*"));
  const page = JSON.stringify(openApiDocument(described));
  return { ...OPENAPI, answer: ({ reply }) => reply.type(JSON_TYPE).send(page) };
}
