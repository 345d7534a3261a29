/**
 * What a grammar is compiled to: nodes of four words in one flat array of 32-bit words, so that it crosses threads without
 * being copied. The matcher walks it as a pushdown automaton over bytes, and nothing in it grows with a repetition's
 * bounds or a literal's length.
 *
 * | op | words after it |
 * |---|---|
 * | EMPTY | |
 * | SET | first word of a set of 256 bits: one byte out of it |
 * | LITERAL | first byte, length |
 * | SEQUENCE | first node, then node |
 * | CHOICE | first place in the lists, count; none: matches nothing |
 * | REPEAT | node, least times, most times (−1: no end) |
 * | RULE | node |
 */
export const EMPTY = 0;
export const SET = 1;
export const LITERAL = 2;
export const SEQUENCE = 3;
export const CHOICE = 4;
export const REPEAT = 5;
export const RULE = 6;

export const NODE_WORDS = 4;
export const SET_WORDS = 8;

/** A compiled grammar: plain data. */
export interface GrammarProgram {
  /** A hash of the words: programs of the same key are the same. */
  readonly key: string;
  /** {@link encodeProgram}. In shared memory. */
  readonly words: Int32Array;
}

/** A program's sections, as views of its words. */
export interface ProgramSections {
  readonly root: number;
  readonly nodeCount: number;
  readonly nodes: Int32Array;
  readonly lists: Int32Array;
  readonly sets: Int32Array;
  readonly bytes: Uint8Array;
  /** One word a node: whether it matches the empty text. */
  readonly nullable: Int32Array;
}

const HEADER_WORDS = 5;

export interface ProgramParts {
  readonly root: number;
  readonly nodes: readonly number[];
  readonly lists: readonly number[];
  readonly sets: readonly number[];
  readonly bytes: Uint8Array;
  readonly nullable: Uint8Array;
}

/** Lays the parts of a program out in shared memory. */
export function encodeProgram({ root, nodes, lists, sets, bytes, nullable }: ProgramParts): Int32Array {
  const sizes = [nodes.length, lists.length, sets.length, bytes.length];
  const length =
    HEADER_WORDS + nodes.length + nullable.length + lists.length + sets.length + Math.ceil(bytes.length / 4);
  const words = new Int32Array(new SharedArrayBuffer(4 * length));
  words.set([root, ...sizes]);
  let at = HEADER_WORDS;
  for (const part of [nodes, nullable, lists, sets]) {
    words.set(part, at);
    at += part.length;
  }
  new Uint8Array(words.buffer, 4 * at).set(bytes);
  return words;
}

export function readProgram({ words }: GrammarProgram): ProgramSections {
  const [root, nodeWords, listWords, setWords, byteCount] = words as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  const nodeCount = nodeWords / NODE_WORDS;
  let at = HEADER_WORDS;
  const take = (count: number) => {
    at += count;
    return words.subarray(at - count, at);
  };
  const nodes = take(nodeWords);
  const nullable = take(nodeCount);
  const lists = take(listWords);
  const sets = take(setWords);
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 4 * at, byteCount);
  return { root, nodeCount, nodes, nullable, lists, sets, bytes };
}
