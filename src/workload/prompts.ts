/** Prompts from a file: one a line (.txt), a JSON list, or a JSON value a line (.jsonl). */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { SluiceError } from "../errors.js";

export interface Prompt {
  readonly text: string;
  /** How long the answer was that came with it (ShareGPT), in tokens, roughly; undefined: it came without one. */
  readonly outputTokens: number | undefined;
}

/** English text has about four characters a token in the vocabularies of today. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Reads prompts. In JSON and JSONL an entry is a string, an object with `prompt` (or `text`), or a ShareGPT conversation:
 * its first human turn is the prompt, the reply tells how long the output was.
 *
 * @throws SluiceError `usage`: names the file, and the line or entry that is wrong
 */
export function loadPrompts(file: string): Prompt[] {
  const text = readText(file, "--prompts");
  const prompts = parsePrompts(text, file);
  if (prompts.length === 0) throw new SluiceError("usage", `${file} holds no prompts`, { field: "prompts" });
  return prompts;
}

/** Reads a text file; what stands in the way is one line that begins with the option that named the file. */
export function readText(file: string, option: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
    throw new SluiceError("usage", `${option}: cannot read ${file}: ${reason}`, { cause: error });
  }
}

/** The parsed lines of a JSONL text, each with its line number. Empty lines are skipped. */
export function parseJsonLines(text: string, file: string): { line: number; value: unknown }[] {
  const entries: { line: number; value: unknown }[] = [];
  text.split(/\r?\n/).forEach((content, index) => {
    if (content.trim() === "") return;
    try {
      entries.push({ line: index + 1, value: JSON.parse(content) as unknown });
    } catch (error) {
      throw new SluiceError("usage", `${file}:${index + 1}: not JSON: ${(error as Error).message}`, { cause: error });
    }
  });
  return entries;
}

/** A JSON text whose top is a list. A syntax error is reported with its line. */
export function parseJsonList(text: string, file: string): unknown[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const line = lineOfSyntaxError(text, (error as Error).message);
    throw new SluiceError("usage", `${file}${line}: not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!Array.isArray(data)) throw new SluiceError("usage", `${file}: must be a JSON list, got ${typeof data}`);
  return data;
}

function parsePrompts(text: string, file: string): Prompt[] {
  const extension = extname(file).toLowerCase();
  if (extension === ".jsonl") {
    return parseJsonLines(text, file).map(({ line, value }) => promptOf(value, `${file}:${line}`));
  }
  if (extension === ".json") {
    return parseJsonList(text, file).map((value, index) => promptOf(value, `${file}: entry ${index + 1}`));
  }
  const broken = text.indexOf("\uFFFD");
  if (broken >= 0) {
    throw new SluiceError("usage", `${file}:${lineAt(text, broken)}: not UTF-8 text`, { field: "prompts" });
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line) => ({ text: line, outputTokens: undefined }));
}

function promptOf(value: unknown, where: string): Prompt {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const text = typeof value === "string" ? value : (fields.prompt ?? fields.text);
  if (typeof text === "string" && text !== "") return { text, outputTokens: undefined };
  const conversation = Array.isArray(fields.conversations) ? firstExchange(fields.conversations) : undefined;
  if (conversation) return conversation;
  throw new SluiceError(
    "usage",
    `${where}: must be a non-empty string, an object with "prompt", or a conversation that begins with a human turn`,
    { field: "prompts" },
  );
}

function firstExchange(turns: readonly unknown[]): Prompt | undefined {
  const [question, answer] = turns as readonly ({ value?: unknown } | null | undefined)[];
  if (typeof question?.value !== "string" || question.value === "") return undefined;
  const length = typeof answer?.value === "string" ? answer.value.length : 0;
  return {
    text: question.value,
    outputTokens: length === 0 ? undefined : Math.ceil(length / CHARACTERS_PER_TOKEN),
  };
}

/** V8 names the position ("… at position 17 …") unless the text just ends. */
function lineOfSyntaxError(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  return `:${lineAt(text, position === undefined ? text.length : Number(position))}`;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}
