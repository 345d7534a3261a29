/** How the tutor model is asked, and what it is not asked at all; `models/tutor.md` states its form and its limits. */
import type { EngineHost } from "../host/client.js";

/** Between the learner's sentence and the model's correction, which ends at the end of text. */
export const ANSWER_MARKER = "<|fix|>";

/** The longest sentence whose correction surely fits beside it. */
const MAX_SENTENCE_TOKENS = 60;

/** Tokens are at most this long, so that what is too long need not be tokenized. */
const MAX_CHARS_PER_TOKEN = 32;

/** Letters beyond a to z that English texts do have, in names and loan words. */
const MAX_FOREIGN_SHARE = 0.2;

/** A model is the tutor if the marker is one token of its vocabulary. */
export function isTutor(host: EngineHost): boolean {
  return host.tokenize(ANSWER_MARKER, true).length === 1 && host.tokenize(ANSWER_MARKER, false).length > 1;
}

/** The prompt for a sentence, or why it is given back unchanged. What the learner wrote never counts as a marker. */
export function tutorPrompt(host: EngineHost, sentence: string): { tokens: number[] } | { refusal: string } {
  const tooLong = { refusal: "The sentence is too long for the model; send one sentence at a time." };
  if (sentence.length > MAX_SENTENCE_TOKENS * MAX_CHARS_PER_TOKEN) return tooLong;
  if (!looksEnglish(sentence)) return { refusal: "The text does not look like English." };
  const tokens = host.tokenize(sentence, false);
  if (tokens.length > MAX_SENTENCE_TOKENS || 2 * tokens.length + 2 > host.info.contextSize) return tooLong;
  return { tokens: [...tokens, ...host.tokenize(ANSWER_MARKER, true)] };
}

function looksEnglish(sentence: string): boolean {
  const letters = sentence.match(/\p{L}/gu) ?? [];
  const foreign = letters.filter((letter) => !/[a-z]/i.test(letter));
  return letters.length > 0 && foreign.length / letters.length <= MAX_FOREIGN_SHARE;
}
