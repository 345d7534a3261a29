/** What an entry of a prompts file may look like: the shapes in which people publish prompts and conversations. */
import { SluiceError } from "../errors.js";
import { type RequestClass, statedClass } from "./classes.js";

export interface Prompt {
  readonly text: string;
  /** How long the answer is to be, in tokens: as the entry says, or roughly as long as the answer that came with it. */
  readonly outputTokens: number | undefined;
  /** Its priority, user and deadline, where the entry has them. */
  readonly stated?: RequestClass;
}

/** English text has about four characters a token in the vocabularies of today. */
const CHARACTERS_PER_TOKEN = 4;

const TEXT_FIELDS = ["prompt", "text", "instruction", "question"] as const;
const TURN_FIELDS = ["messages", "conversations", "conversation"] as const;
const LENGTH_FIELDS = [
  ...["output_tokens", "output_tokens_count", "output_length", "output_len"],
  ...["max_tokens", "max_completion_tokens", "max_new_tokens"],
] as const;
const ANSWER_FIELDS = ["output", "response", "answer", "completion"] as const;
const HUMANS = ["human", "user"];
const MODELS = ["gpt", "assistant", "model", "chatgpt", "bing", "bard"];

type Fields = Readonly<Record<string, unknown>>;

/** Whether a table's column says what a prompt is. */
export function isPromptColumn(name: string): boolean {
  return ([...TEXT_FIELDS, ...TURN_FIELDS] as readonly string[]).includes(name.toLowerCase());
}

/**
 * The prompt of an entry; undefined for a conversation in which nobody asks anything.
 *
 * - a text, or an object with `prompt`, `text`, `question`, or Alpaca's `instruction` and `input`;
 * - `messages` as chats have them: all turns before the last answer are the prompt;
 * - ShareGPT's `conversations`: the first human turn is the prompt, the reply tells how long the output is;
 * - a request of OpenAI's batch files: what stands in its `body`.
 *
 * @param where the entry stands, for the message
 * @throws SluiceError `usage`
 */
export function promptOf(value: unknown, where: string): Prompt | undefined {
  if (typeof value === "string" && value !== "") return { text: value, outputTokens: undefined };
  const fields = lowerCased(value);
  if (typeof fields.body === "object" && fields.body !== null) return promptOf(fields.body, where);
  const turns = turnsOf(fields, where);
  const found = turns ? promptOfTurns(turns) : promptOfText(fields);
  const stated = statedClass(fields, where);
  const outputTokens = statedLength(fields, where);
  if (found) return { ...found, outputTokens: outputTokens ?? found.outputTokens, ...(stated ? { stated } : {}) };
  if (turns) return undefined;
  throw new SluiceError(
    "usage",
    `${where}: must be a non-empty string, an object with "prompt", "instruction" or "messages", or a conversation`,
    { field: "prompts" },
  );
}

function lowerCased(value: unknown): Fields {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}

function promptOfText(fields: Fields): Prompt | undefined {
  const text = TEXT_FIELDS.map((name) => fields[name]).find((field) => typeof field === "string" && field !== "");
  if (typeof text !== "string") return undefined;
  const context = fields.instruction === text && typeof fields.input === "string" ? fields.input : "";
  const answer = ANSWER_FIELDS.map((name) => fields[name]).find((field) => typeof field === "string" && field !== "");
  return { text: context === "" ? text : `${text}\n\n${context}`, outputTokens: lengthOf(answer) };
}

interface Turn {
  readonly by: "human" | "model" | "other";
  readonly text: string;
}

/** The turns of a conversation; a table has them as JSON. */
function turnsOf(fields: Fields, where: string): { all: boolean; turns: readonly Turn[] } | undefined {
  for (const name of [...TURN_FIELDS, "prompt"]) {
    const list = listOf(fields[name], name === "prompt" ? undefined : where);
    if (list !== undefined) return { all: name === "messages" || name === "prompt", turns: list.map(turnOf) };
  }
  return undefined;
}

function listOf(field: unknown, where: string | undefined): readonly unknown[] | undefined {
  if (Array.isArray(field)) return field;
  if (typeof field !== "string" || !field.trimStart().startsWith("[") || where === undefined) return undefined;
  try {
    return JSON.parse(field) as readonly unknown[];
  } catch (cause) {
    throw new SluiceError("usage", `${where}: messages: not JSON: ${(cause as Error).message}`, { cause });
  }
}

function turnOf(turn: unknown): Turn {
  const { role, from, content, value } = lowerCased(turn);
  const by = String(role ?? from ?? "").toLowerCase();
  return {
    by: HUMANS.includes(by) ? "human" : MODELS.includes(by) ? "model" : "other",
    text: textOf(content ?? value),
  };
}

/** A message's content: a text, or parts of which some are text. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => textOf(lowerCased(part).text)).join("");
}

/** With `all`, everything up to the last human turn is the prompt; else the first human turn alone. */
function promptOfTurns({ all, turns }: { all: boolean; turns: readonly Turn[] }): Prompt | undefined {
  const asks = ({ by, text }: Turn) => by === "human" && text !== "";
  const at = all ? turns.findLastIndex(asks) : turns.findIndex(asks);
  if (at < 0) return undefined;
  const asked = all ? turns.slice(0, at + 1) : [turns[at]!];
  const reply = turns[at + 1];
  const text = asked.map((turn) => turn.text).filter((part) => part !== "");
  return { text: text.join("\n\n"), outputTokens: reply?.by === "model" ? lengthOf(reply.text) : undefined };
}

function lengthOf(answer: unknown): number | undefined {
  return typeof answer === "string" && answer !== "" ? Math.ceil(answer.length / CHARACTERS_PER_TOKEN) : undefined;
}

/** The length that the entry itself asks for. */
function statedLength(fields: Fields, where: string): number | undefined {
  for (const name of LENGTH_FIELDS) {
    const stated = fields[name];
    if (stated === undefined || stated === null || stated === "") continue;
    const tokens = Number(stated);
    if (Number.isInteger(tokens) && tokens >= 1) return tokens;
    const message = `${where}: ${name} must be a whole number of at least 1, got ${JSON.stringify(stated)}`;
    throw new SluiceError("usage", message, { field: "prompts" });
  }
  return undefined;
}
