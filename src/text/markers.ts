/** The markers of a vocabulary: texts such as "<|im_end|>" that become a token of their own where they are meant to. */

export interface Marker {
  readonly text: string;
  /** Counts only where markers are asked for; the others are cut out of every text. */
  readonly control: boolean;
  /** Takes white space before or behind it away. */
  readonly stripsLeft: boolean;
  readonly stripsRight: boolean;
}

/** A stretch of a prompt. @see Markers.split */
export interface PromptPiece {
  readonly text: string;
  /** Control markers in it are tokens; otherwise they are letters. */
  readonly special: boolean;
}

/** A prompt whose markers all count as such, or one in pieces. */
export type PromptText = string | readonly PromptPiece[];

export function plainText(prompt: PromptText): string {
  return typeof prompt === "string" ? prompt : prompt.map(({ text }) => text).join("");
}

/** Texts with stand-ins for the markers that are letters in them. */
export interface Guarded {
  readonly texts: readonly string[];
  /** Marker by stand-in. */
  readonly letters: ReadonlyMap<string, string>;
}

/** Characters that no text of the world has: the last plane for private use. */
const FIRST_STAND_IN = 0x100000;
const LAST_STAND_IN = 0x10fffd;

export class Markers {
  readonly #all = new Trie();
  readonly #control = new Trie();
  readonly #always = new Trie();
  readonly #byText = new Map<string, Marker>();

  /** @param frame the texts of the tokens that begin and end a conversation, where there are such */
  constructor(
    markers: readonly Marker[],
    readonly frame: { readonly begin?: string | undefined; readonly end?: string | undefined } = {},
  ) {
    for (const marker of markers) {
      if (marker.text === "") continue;
      this.#byText.set(marker.text, marker);
      this.#all.add(marker.text);
      (marker.control ? this.#control : this.#always).add(marker.text);
    }
  }

  /**
   * Puts a stand-in, one character, for every control marker in texts that are given to a template, so that what is left
   * of them in its output can be told from the template's own.
   *
   * @param others what may hold the same characters by chance: the template
   */
  guard(texts: readonly string[], others: readonly string[] = []): Guarded {
    const letters = new Map<string, string>();
    const standIns = new Map<string, string>();
    let next = FIRST_STAND_IN;
    const standInFor = (marker: string): string => {
      let standIn = standIns.get(marker);
      while (standIn === undefined && next <= LAST_STAND_IN) {
        const candidate = String.fromCodePoint(next++);
        if (![...texts, ...others].some((text) => text.includes(candidate))) standIn = candidate;
      }
      if (standIn === undefined) return "";
      standIns.set(marker, standIn);
      letters.set(standIn, marker);
      return standIn;
    };
    return { texts: texts.map((text) => this.#replace(text, standInFor)), letters };
  }

  #replace(text: string, standInFor: (marker: string) => string): string {
    let out = "";
    let done = 0;
    for (const { start, end } of this.#control.matches(text)) {
      out += text.slice(done, start) + standInFor(text.slice(start, end));
      done = end;
    }
    return done === 0 ? text : out + text.slice(done);
  }

  /**
   * A rendered prompt, its stand-ins turned back into letters. A piece whose markers are letters goes from one marker of
   * the template to the next, so that it is tokenized as it would be in the whole: llama.cpp cuts texts at markers first.
   */
  split(rendered: string, letters: Guarded["letters"]): PromptText {
    if (letters.size === 0) return rendered;
    const standIns = new RegExp(`[${[...letters.keys()].join("")}]`, "gu");
    const pieces: PromptPiece[] = [];
    let special = "";
    let before: Marker | undefined;
    const take = (fragment: string, after: Marker | undefined): void => {
      const text = fragment.replace(standIns, (standIn) => letters.get(standIn)!);
      if (text === fragment) {
        special += text;
        return;
      }
      if (special !== "") pieces.push({ text: special, special: true });
      special = "";
      const left = before?.stripsRight ? text.trimStart() : text;
      pieces.push({ text: after?.stripsLeft ? left.trimEnd() : left, special: false });
    };
    let done = 0;
    for (const { start, end } of this.#control.matches(rendered)) {
      const marker = this.#byText.get(rendered.slice(start, end));
      take(rendered.slice(done, start), marker);
      special += rendered.slice(start, end);
      before = marker;
      done = end;
    }
    take(rendered.slice(done), undefined);
    if (special !== "") pieces.push({ text: special, special: true });
    return pieces;
  }

  /**
   * Cuts a text where it can be cut without changing its tokens, so that no part has many markers: llama.cpp's time for
   * them grows with their square.
   *
   * @param special control markers count
   * @param maxMarkers the most in one part, where there is a clean place to cut
   */
  parts(text: string, special: boolean, maxMarkers: number): string[] {
    const trie = special ? this.#all : this.#always;
    const parts: string[] = [];
    let done = 0;
    let markers = 0;
    for (const { start, end } of trie.matches(text)) {
      if (++markers <= maxMarkers || start === done || !this.#isCleanCut(trie, text, start, end)) continue;
      parts.push(text.slice(done, start));
      done = start;
      markers = 1;
    }
    parts.push(text.slice(done));
    return parts;
  }

  /** No other marker reaches over the place or takes part of the one behind it, and no white space at it is taken away. */
  #isCleanCut(trie: Trie, text: string, start: number, end: number): boolean {
    if (SPACE.test(text[start]!) || SPACE.test(text[start - 1]!)) return false;
    for (let at = Math.max(0, start - trie.longest); at < start; at++) {
      if (trie.longestAt(text, at) > start - at) return false;
    }
    for (let at = start + 1; at < end; at++) {
      if (trie.longestAt(text, at) > end - start) return false;
    }
    return true;
  }
}

const SPACE = /\s/;

interface Node {
  readonly next: Map<number, Node>;
  ends: boolean;
}

/** Finds words in a text, at each place the longest. */
class Trie {
  readonly #root: Node = { next: new Map(), ends: false };
  longest = 0;

  add(word: string): void {
    let node = this.#root;
    for (let at = 0; at < word.length; at++) {
      const unit = word.charCodeAt(at);
      let next = node.next.get(unit);
      if (next === undefined) {
        next = { next: new Map(), ends: false };
        node.next.set(unit, next);
      }
      node = next;
    }
    node.ends = true;
    this.longest = Math.max(this.longest, word.length);
  }

  /** The length of the longest word that begins here; 0: none. */
  longestAt(text: string, start: number): number {
    let node: Node | undefined = this.#root;
    let found = 0;
    for (let at = start; at < text.length; at++) {
      node = node.next.get(text.charCodeAt(at));
      if (node === undefined) break;
      if (node.ends) found = at + 1 - start;
    }
    return found;
  }

  *matches(text: string): Generator<{ start: number; end: number }> {
    if (this.longest === 0) return;
    for (let start = 0; start < text.length; ) {
      const length = this.longestAt(text, start);
      if (length > 0) yield { start, end: start + length };
      start += length || 1;
    }
  }
}
