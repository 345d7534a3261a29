import { createHash } from "node:crypto";
import { type CharRange, normalize, utf8Ranges } from "./char-class.js";
import {
  CHOICE,
  EMPTY,
  encodeProgram,
  type GrammarProgram,
  LITERAL,
  NODE_WORDS,
  REPEAT,
  RULE,
  SEQUENCE,
  SET,
  SET_WORDS,
} from "./program.js";
import { findLeftRecursion, matchesEmpty, matchesSomething } from "./properties.js";

/** A part of a grammar that is being built. */
export type Node = number;

/** Thrown when a grammar grows beyond the builder's limit. */
export class GrammarTooLarge extends Error {}

/** Bytes of literals that count as one node of the limit. */
const BYTES_PER_NODE = 32;

/**
 * Builds a program from the inside out. Equal parts are one node: alternatives that say the same merge, however often they
 * are written, and a shared part costs once.
 */
export class GrammarBuilder {
  readonly #nodes: number[] = [];
  readonly #lists: number[] = [];
  readonly #sets: number[] = [];
  #bytes = new Uint8Array(1024);
  #byteCount = 0;
  readonly #known = new Map<string, Node>();
  readonly #knownSets = new Map<string, number>();
  readonly #literals = new Map<Node, Buffer>();

  /** Matches the empty text. */
  readonly empty: Node = this.#node(EMPTY, 0, 0, 0);
  /** Matches nothing. */
  readonly never: Node = this.#node(CHOICE, 0, 0, 0);

  /** @param maxNodes about 0.1 to 1 KB each; {@link GrammarTooLarge} beyond */
  constructor(private readonly maxNodes: number) {}

  /** How much has been built, in the unit of the limit. */
  get size(): number {
    return this.#nodes.length / NODE_WORDS + this.#byteCount / BYTES_PER_NODE;
  }

  literal(text: string | Uint8Array): Node {
    const bytes = Buffer.from(text as string);
    if (bytes.length === 0) return this.empty;
    const key = `"${bytes.toString("latin1")}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = this.#add(LITERAL, this.#addBytes(bytes), bytes.length, 0);
    this.#known.set(key, node);
    this.#literals.set(node, bytes);
    return node;
  }

  /** One of many texts: a tree by their first bytes. */
  literals(texts: Iterable<string | Buffer>): Node {
    const sorted = Array.from(texts, (text) => Buffer.from(text as string)).sort(Buffer.compare);
    const different = sorted.filter((text, i) => i === 0 || !text.equals(sorted[i - 1]!));
    return this.#tree(different, 0, different.length, 0);
  }

  /** One character of these. */
  chars(ranges: readonly CharRange[]): Node {
    const single: [number, number][] = [];
    const longer: Node[] = [];
    for (const range of normalize(ranges)) {
      for (const bytes of utf8Ranges(range)) {
        if (bytes.length === 1) single.push([bytes[0]![0], bytes[0]![1]]);
        else longer.push(this.sequence(...bytes.map((byteRange) => this.#byteSet([byteRange]))));
      }
    }
    return this.choice(...(single.length > 0 ? [this.#byteSet(single)] : []), ...longer);
  }

  sequence(...parts: readonly Node[]): Node {
    const merged: Node[] = [];
    for (const part of parts) {
      if (part === this.never) return this.never;
      if (part === this.empty) continue;
      const [text, before] = [this.#literals.get(part), this.#literals.get(merged.at(-1) ?? -1)];
      if (text && before) merged[merged.length - 1] = this.literal(Buffer.concat([before, text]));
      else merged.push(part);
    }
    let node = merged.pop() ?? this.empty;
    while (merged.length > 0) node = this.#node(SEQUENCE, merged.pop()!, node, 0);
    return node;
  }

  choice(...options: readonly Node[]): Node {
    const texts = options.flatMap((option) => this.#literals.get(option) ?? []);
    if (texts.length > 1) {
      const others = options.filter((option) => !this.#literals.has(option));
      return this.#anyOf([this.literals(texts), ...others]);
    }
    return this.#anyOf(options);
  }

  #anyOf(options: readonly Node[]): Node {
    const different = [...new Set(options)].filter((option) => option !== this.never).sort((a, b) => a - b);
    if (different.length === 0) return this.never;
    if (different.length === 1) return different[0]!;
    const key = `|${different.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = this.#add(CHOICE, this.#lists.length, different.length, 0);
    for (const option of different) this.#lists.push(option);
    this.#known.set(key, node);
    return node;
  }

  optional(node: Node): Node {
    return this.repeat(node, 0, 1);
  }

  /** @param most undefined: no end */
  repeat(node: Node, least = 0, most?: number): Node {
    if (most === 0) return this.empty;
    if (node === this.empty || (least === 1 && most === 1)) return node;
    if (node === this.never) return least === 0 ? this.empty : this.never;
    return this.#node(REPEAT, node, least, most ?? -1);
  }

  /** A node that may be used before it is {@link define}d. */
  rule(): Node {
    return this.#add(RULE, this.never, 0, 0);
  }

  define(rule: Node, body: Node): void {
    this.#nodes[rule * NODE_WORDS + 1] = body;
  }

  /**
   * The program for a root. Alternatives that could never be completed are taken out.
   *
   * @returns why not: the root can never be completed, or a rule begins with itself
   */
  finish(root: Node): GrammarProgram | "endless" | "left-recursive" {
    const graph = { nodes: this.#nodes, lists: this.#lists };
    const possible = matchesSomething(graph);
    if (possible[root] === 0) return "endless";
    const nullable = matchesEmpty(graph);
    for (const [node, alive] of possible.entries()) {
      if (alive === 0) this.#nodes.splice(node * NODE_WORDS, NODE_WORDS, CHOICE, 0, 0, 0);
    }
    if (findLeftRecursion(graph, nullable, root)) return "left-recursive";
    const words = encodeProgram({
      root,
      nullable,
      ...graph,
      sets: this.#sets,
      bytes: this.#bytes.subarray(0, this.#byteCount),
    });
    const key = createHash("sha1").update(new Uint8Array(words.buffer)).digest("base64");
    return { key, words };
  }

  #tree(texts: readonly Buffer[], from: number, to: number, offset: number): Node {
    const [first, last] = [texts[from]!, texts[to - 1]!];
    let end = offset;
    while (end < first.length && first[end] === last[end]) end++;
    const head = this.literal(first.subarray(offset, end));
    if (to - from === 1) return head;
    const options: Node[] = [];
    for (let i = from; i < to; ) {
      const byte = texts[i]![end];
      let next = i + 1;
      while (next < to && texts[next]![end] === byte) next++;
      options.push(byte === undefined ? this.empty : this.#tree(texts, i, next, end));
      i = next;
    }
    return this.sequence(head, this.#anyOf(options));
  }

  #byteSet(ranges: readonly (readonly [number, number])[]): Node {
    const words = new Int32Array(SET_WORDS);
    for (const [first, last] of ranges)
      for (let byte = first; byte <= last; byte++) words[byte >> 5]! |= 1 << (byte & 31);
    const key = words.join();
    let set = this.#knownSets.get(key);
    if (set === undefined) {
      set = this.#sets.length;
      this.#knownSets.set(key, set);
      this.#sets.push(...words);
    }
    return this.#node(SET, set, 0, 0);
  }

  #node(op: number, a: number, b: number, c: number): Node {
    const key = `${op},${a},${b},${c}`;
    let node = this.#known.get(key);
    if (node === undefined) {
      node = this.#add(op, a, b, c);
      this.#known.set(key, node);
    }
    return node;
  }

  #add(op: number, a: number, b: number, c: number): Node {
    if (this.size >= this.maxNodes) throw new GrammarTooLarge();
    this.#nodes.push(op, a, b, c);
    return this.#nodes.length / NODE_WORDS - 1;
  }

  #addBytes(bytes: Uint8Array): number {
    const start = this.#byteCount;
    this.#byteCount += bytes.length;
    if (this.size > this.maxNodes) throw new GrammarTooLarge();
    if (this.#byteCount > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#byteCount);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, start);
    return start;
  }
}
