/** How the tutor model is asked, and what it is not asked at all; `models/tutor/README.md` states its form and its limits. */
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

/** Share of a sentence's words that a correction may replace, insert or drop; real ones change a word or three. */
const MAX_CHANGED_SHARE = 0.5;

/** Short sentences may change more: "him go" becomes "He goes.". */
const MAX_CHANGED_WORDS_OF_SHORT = 3;

const DIFFERS_TOO_MUCH = "The model's answer differed too much from the sentence to be a correction of it.";

/** What a learner gets to hear. */
export interface Correction {
  readonly corrected: string;
  readonly changed: boolean;
  /** Why the sentence came back as it was although it may be wrong; undefined: the model judged it. */
  readonly note: string | undefined;
}

/**
 * The model's answer as a correction. One that did not come to its end, or shares too little with the sentence (another
 * language, say), is no correction: the sentence comes back unchanged, and the note says so.
 */
export function correctionOf(sentence: string, answer: string, complete: boolean): Correction {
  const unchanged = (note: string) => ({ corrected: sentence, changed: false, note });
  const corrected = answer.trim();
  if (!complete || corrected === "") return unchanged("The model gave no complete answer.");
  const [before, after] = [wordsOf(sentence), wordsOf(corrected)];
  const mostChanges = Math.max(MAX_CHANGED_WORDS_OF_SHORT, MAX_CHANGED_SHARE * before.length);
  if (wordDistance(before, after) > mostChanges) return unchanged(DIFFERS_TOO_MUCH);
  return { corrected, changed: corrected !== sentence.trim(), note: undefined };
}

function wordsOf(sentence: string): string[] {
  return sentence.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
}

/** Words to replace, insert or drop to get from one list to the other (Levenshtein). */
function wordDistance(from: readonly string[], to: readonly string[]): number {
  let previous = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, word] of from.entries()) {
    const row = [i + 1];
    for (const [j, other] of to.entries()) {
      row.push(Math.min(previous[j + 1]! + 1, row[j]! + 1, previous[j]! + (word === other ? 0 : 1)));
    }
    previous = row;
  }
  return previous[to.length]!;
}

/** English sentences of any length have one of these; those of other languages seldom do. */
const COMMON_WORDS = new Set(
  `a an the this that these those i you he she it we they me him her us them my your his its our their mine yours is am are
  was were be been being do does did done have has had will would can could should must may might not no yes and or but
  because so if when while than as of in on at to for from with by about into over after before under up down out who whom
  what which where why how there here all some any many much more most every each other very too also only just now then
  always never often usually go goes went like likes want wants one two three`.split(/\s+/),
);

/** Sentences of so few words may do without a common one ("Hello, Anna!"). */
const MAX_WORDS_WITHOUT_COMMON = 2;

function looksEnglish(sentence: string): boolean {
  const letters = sentence.match(/\p{L}/gu) ?? [];
  const foreign = letters.filter((letter) => !/[a-z]/i.test(letter));
  if (letters.length === 0 || foreign.length / letters.length > MAX_FOREIGN_SHARE) return false;
  const words = wordsOf(sentence).flatMap((word) => word.split("'"));
  return words.length <= MAX_WORDS_WITHOUT_COMMON || words.some((word) => COMMON_WORDS.has(word));
}
