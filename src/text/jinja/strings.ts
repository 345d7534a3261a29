/** Python's ideas of strings: characters are code points, and whitespace is its own set. */

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const START = new RegExp(`^[${SPACE}]+`);
const RUN = new RegExp(`[${SPACE}]+`);
const ALL = new RegExp(`^[${SPACE}]+$`);
const ONE = new RegExp(`[${SPACE}]`);

export function isSpace(text: string): boolean {
  return ALL.test(text);
}

export function trimStart(text: string, characters?: string): string {
  if (characters === undefined) return text.replace(START, "");
  const set = new Set(characters);
  let from = 0;
  for (const character of text) {
    if (!set.has(character)) break;
    from += character.length;
  }
  return text.slice(from);
}

export function trimEnd(text: string, characters?: string): string {
  const set = characters === undefined ? undefined : new Set(characters);
  let to = text.length;
  while (to > 0) {
    const low = text.charCodeAt(to - 1);
    const width = to > 1 && (low & 0xfc00) === 0xdc00 && (text.charCodeAt(to - 2) & 0xfc00) === 0xd800 ? 2 : 1;
    const character = text.slice(to - width, to);
    if (set === undefined ? !ONE.test(character) : !set.has(character)) break;
    to -= width;
  }
  return text.slice(0, to);
}

export function trim(text: string, characters?: string): string {
  return trimStart(trimEnd(text, characters), characters);
}

/** `str.split()` without a separator. */
export function splitSpaces(text: string, limit: number): string[] {
  const words: string[] = [];
  let rest = trimStart(text);
  while (rest !== "") {
    const gap = words.length === limit ? null : RUN.exec(rest);
    if (gap === null) {
      words.push(rest);
      break;
    }
    words.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return words;
}

/** Characters, as Python counts them. */
export function charactersOf(text: string): string[] {
  return HAS_PAIRS.test(text) ? Array.from(text) : text.split("");
}

export function lengthOf(text: string): number {
  return HAS_PAIRS.test(text) ? Array.from(text).length : text.length;
}

const HAS_PAIRS = /[\ud800-\udbff][\udc00-\udfff]/;

export function capitalize(text: string): string {
  const [first = "", ...rest] = charactersOf(text);
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** `str.title()`: every run of letters begins large. */
export function title(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize);
}

export function replaceText(text: string, old: string, fresh: string, limit = -1): string {
  const pieces = old === "" ? ["", ...charactersOf(text), ""] : text.split(old);
  if (limit < 0 || pieces.length - 1 <= limit) return pieces.join(fresh);
  const head = pieces.slice(0, limit + 1);
  return [
    head
      .slice(0, -1)
      .map((piece) => piece + fresh)
      .join(""),
    [head.at(-1), ...pieces.slice(limit + 1)].join(old),
  ].join("");
}

const LINE_END = "\\r\\n|[\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]";
const LINE_ENDS = new RegExp(`(${LINE_END})`);

/** `str.splitlines()` */
export function splitLines(text: string, keepEnds = false): string[] {
  const parts = text.split(LINE_ENDS);
  const lines: string[] = [];
  for (let at = 0; at < parts.length; at += 2) lines.push(parts[at]! + (keepEnds ? (parts[at + 1] ?? "") : ""));
  if (parts.at(-1) === "") lines.pop();
  return lines;
}
