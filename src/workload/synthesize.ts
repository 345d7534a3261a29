/** Prompts of a wanted length, made of common words that are one token each in most vocabularies. */
import { Random } from "../random.js";

const WORDS = (
  "time year people way day man thing woman life child world school state family student group country problem hand " +
  "part place case week company system program question work government number night point home water room mother " +
  "area money story fact month lot right study book eye job word business issue side kind head house service friend " +
  "father power hour game line end member law car city community name president team minute idea body"
).split(" ");

/** A text of so many words, the same for the same seed. */
export function wordsOf(count: number, seed: number): string {
  const random = new Random(seed);
  return Array.from({ length: count }, () => WORDS[random.integer(0, WORDS.length - 1)]).join(" ");
}

/** A text of `count` words that begins with the words of `blocks`, `blockSize` each: equal blocks share their cells. */
export function wordsOfBlocks(count: number, blocks: readonly number[], blockSize: number, seed: number): string {
  const prefix = blocks.map((block) => wordsOf(blockSize, block + 1)).join(" ");
  const words = prefix === "" ? [] : prefix.split(" ");
  if (words.length >= count) return words.slice(0, count).join(" ");
  return [...words, wordsOf(count - words.length, seed)].join(" ");
}
