/** From an untrusted JSON body to a typed one, or to an error that names the field. */
import type { z } from "zod";
import { SluiceError } from "../errors.js";

/**
 * Fields of OpenAI's or vLLM's API that Sluice does not carry out. They are refused by name, except with a value that
 * asks for nothing. Every other unknown field is refused as well, as OpenAI does: a misspelt field never passes silently.
 */
const UNSUPPORTED: Readonly<Record<string, readonly unknown[]>> = {
  best_of: [1],
  suffix: [""],
  tools: [],
  tool_choice: ["none", "auto"],
  functions: [],
  function_call: ["none", "auto"],
  parallel_tool_calls: [true, false],
  modalities: [],
  audio: [],
  prediction: [],
  reasoning_effort: ["none"],
  verbosity: [],
  web_search_options: [],
  metadata: [],
  store: [false],
  service_tier: ["auto", "default"],
  use_beam_search: [false],
  length_penalty: [1],
  prompt_logprobs: [],
  guided_json: [],
  guided_regex: [],
  guided_choice: [],
  guided_grammar: [],
  structured_outputs: [],
  truncate_prompt_tokens: [],
  add_special_tokens: [],
  skip_special_tokens: [true],
  include_stop_str_in_output: [false],
  bad_words: [],
  logits_processors: [],
  chat_template: [],
  continue_final_message: [false],
  add_generation_prompt: [true],
};

/**
 * Checks a request body. `null` on the top level counts as "not given", as OpenAI's clients mean it.
 *
 * @throws SluiceError `unsupported_field` or `invalid_request`, with the field's name
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new SluiceError("invalid_request", "The body must be a JSON object, sent as application/json.");
  }
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  let result = schema.safeParse(given);
  if (!result.success && dropNeutral(given, result.error.issues)) result = schema.safeParse(given);
  if (result.success) return result.data;
  throw toError(result.error.issues, given);
}

type Issue = z.core.$ZodIssue;

/** Removes unknown fields whose value asks for nothing; says whether there were any. */
function dropNeutral(given: Record<string, unknown>, issues: readonly Issue[]): boolean {
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [],
  );
  const neutral = unknown.filter((name) => Object.hasOwn(UNSUPPORTED, name) && isNeutral(name, given[name]));
  for (const name of neutral) delete given[name];
  return neutral.length > 0;
}

function isNeutral(name: string, value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || UNSUPPORTED[name]!.includes(value);
}

function toError(issues: readonly Issue[], given: Record<string, unknown>): SluiceError {
  const unknown = issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown !== undefined) return unknownField([...unknown.path, unknown.keys[0]!]);
  const issue = issues[0]!;
  if (issue.code === "invalid_union" && issue.path.length === 0) {
    // A choice between whole bodies: the one with the fewest complaints is the one that was meant.
    const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0];
    if (closest !== undefined) return toError(closest, given);
  }
  const field = fieldName(issue.path);
  const missing = issue.path.length === 1 && !Object.hasOwn(given, field);
  const what = missing ? "this field is required" : reasonOf(issue);
  const names = issues.filter((other) => other.path[0] === issue.path[0] && reasonOf(other) === reasonOf(issue));
  return new SluiceError("invalid_request", `${listOf(names.map(({ path }) => fieldName(path) || "body"))}: ${what}`, {
    field,
  });
}

function reasonOf(issue: Issue): string {
  const { message } = issue.code === "invalid_key" ? (issue.issues[0] ?? issue) : issue;
  const reason = message.replace(/^Invalid (input|string): /, "");
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}

const MAX_LISTED = 10;

/** Everything that is wrong in the same way, so that it can be mended in one go. */
export function listOf(names: readonly unknown[]): string {
  const more = names.length - MAX_LISTED;
  return names.slice(0, MAX_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function unknownField(path: readonly PropertyKey[]): SluiceError {
  const field = fieldName(path);
  if (Object.hasOwn(UNSUPPORTED, field)) {
    return new SluiceError("unsupported_field", `${field}: this server does not support this field; leave it out.`, {
      field,
    });
  }
  return new SluiceError("invalid_request", `${field}: there is no such field; GET /openapi.json lists them.`, {
    field,
  });
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map(String).join(".");
  return name.length > 200 ? `${name.slice(0, 200)}…` : name;
}
