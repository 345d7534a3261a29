/** The one way in for everything that generates: room, prompts, tokens, plan, and off to the engine. */
import type { z } from "zod";
import { SluiceError } from "../errors.js";
import type { Call, Description, Endpoint } from "./endpoints/endpoint.js";
import { type Ask, planRequests, textsOf, tokenizePrompts } from "./plan.js";
import { respond, type Wording } from "./respond.js";

/** What a generating endpoint adds to its description: what it asks of the engine, and how it words the answer. */
export interface Generating<Body> {
  /** Its name in traces, and the beginning of its ids. */
  readonly name: string;
  readonly idPrefix: string;
  /** How many answers a body asks for, `n` unless said; there must be room for them before anything else is done. */
  choices?(body: Body): number;
  /** What is asked of the engine; or the answer, where nothing needs to be asked. */
  ask(call: Call<Body>): Ask | { readonly answer: object };
  wording(call: Call<Body>, ask: Ask, id: string): Wording;
}

/** What some bodies say: how many answers they want, and whether as a stream. */
interface CommonFields {
  readonly n?: number | undefined;
  readonly stream?: boolean | undefined;
}

/** An endpoint that generates. */
export function generating<Schema extends z.ZodType>(
  definition: Omit<Description, "body" | "method"> & { readonly body: Schema } & Generating<z.infer<Schema>>,
): Endpoint {
  return { ...definition, method: "POST", answer: (call) => enter(definition, call as Call<z.infer<Schema>>) };
}

async function enter<Body>(endpoint: Generating<Body>, call: Call<Body>): Promise<unknown> {
  const { context, body, arrivalMs, request, reply } = call;
  const { n = 1, stream = false } = body as CommonFields;
  const choices = endpoint.choices?.(body) ?? n;
  // Not tokenized yet; a prompt has one token at least.
  context.admission.check(new Array(choices).fill(1), arrivalMs);
  const ask = endpoint.ask(call);
  if ("answer" in ask) return ask.answer;
  request.promptTexts = () => ask.shown ?? textsOf(context, ask.prompts);
  const id = `${endpoint.idPrefix}-${context.newId()}`;
  const prompts = await tokenizePrompts(context, ask.prompts, ask.promptField);
  const left = new AbortController();
  reply.raw.once("close", () => left.abort());
  const requests = await planRequests(context, prompts, ask, { id, arrivalMs, signal: left.signal });
  const promptTokens = requests.map(({ promptTokens: tokens }) => tokens.length);
  context.admission.check(promptTokens, context.clock.nowMs());
  const wording = endpoint.wording(call, ask, id);
  if (stream && wording.frames === undefined) {
    throw new SluiceError("unsupported_field", "stream: this endpoint answers in one piece.", { field: "stream" });
  }
  const job = { requests, endpoint: endpoint.name, arrivalMs, stream, wording };
  return respond(context, request, reply, job);
}
