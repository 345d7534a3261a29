/** How the tutor model is asked, and what it is not asked at all. `models/tutor.md` states its limits. */
import type { EngineInfo } from "../engine/engine.js";
import type { EngineHost } from "../host/client.js";

/** Between the learner's sentence and the model's correction, which ends at the end of text. */
export const ANSWER_MARKER = "<|fix|>";

/** A model is the tutor if its vocabulary has the marker as one token. */
export function isTutor(host: EngineHost): boolean {
  return host.tokenize(ANSWER_MARKER, true).length === 1 && host.tokenize(ANSWER_MARKER, false).length !== 1;
}

/** A correction is seldom longer than half as much again. */
export function maxAnswerTokens(sentenceTokens: number, info: EngineInfo): number {
  return Math.min(Math.ceil(sentenceTokens * 1.5) + 8, info.contextSize - sentenceTokens - 1);
}

/** Why a sentence is given back unchanged, in words for the client; undefined: it can be corrected. */
export function refusal(sentence: string, sentenceTokens: number, info: EngineInfo): string | undefined {
  if (sentenceTokens === 0 || 2 * sentenceTokens + 9 > info.contextSize) {
    return "The sentence is too long for the model; send one sentence at a time.";
  }
  if (!looksEnglish(sentence)) return "The text does not look like English; it is returned unchanged.";
  return undefined;
}

/** Letters outside the basic Latin alphabet that English texts do have, in loan words and names. */
const MAX_FOREIGN_SHARE = 0.2;

function looksEnglish(sentence: string): boolean {
  const letters = sentence.match(/\p{L}/gu) ?? [];
  const foreign = letters.filter((letter) => !/[a-z]/i.test(letter));
  return letters.length > 0 && foreign.length / letters.length <= MAX_FOREIGN_SHARE;
}
