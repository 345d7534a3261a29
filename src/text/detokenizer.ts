import { decodeUtf8, type TokenTable } from "./token-table.js";

/** Turns tokens into text one at a time: a character is given out once, when its last byte is there. */
export class Detokenizer {
  readonly #table: TokenTable;
  /** Bytes that may be the beginning of a character: at most three. */
  #pending: Uint8Array = NO_BYTES;

  constructor(table: TokenTable) {
    this.#table = table;
  }

  /** The text that became certain with this token. */
  push(token: number): string {
    if (this.#pending.length === 0) {
      const whole = this.#table.wholeTextOf(token);
      if (whole !== undefined) return whole;
    }
    const bytes = concat(this.#pending, this.#table.bytesOf(token));
    const certain = bytes.length - incompleteTail(bytes);
    this.#pending = bytes.slice(certain);
    return decodeUtf8(bytes.subarray(0, certain));
  }

  /** The rest, when no more tokens come: a character that was never completed becomes U+FFFD. */
  flush(): string {
    const text = decodeUtf8(this.#pending);
    this.#pending = NO_BYTES;
    return text;
  }
}

/** The text of a whole list of tokens. */
export function detokenize(table: TokenTable, tokens: readonly number[]): string {
  const detokenizer = new Detokenizer(table);
  let text = "";
  for (const token of tokens) text += detokenizer.push(token);
  return text + detokenizer.flush();
}

const NO_BYTES = new Uint8Array(0);

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/**
 * How many bytes at the end are the valid but unfinished beginning of a character (0 to 3). Where a beginning can no
 * longer become a character (Unicode 15, table 3-7), it is not counted: a decoder replaces it at once.
 */
export function incompleteTail(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= Math.min(3, end); back++) {
    const lead = bytes[end - back]!;
    if (isContinuation(lead)) continue;
    return back < characterLength(lead) && (back === 1 || secondByteFits(lead, bytes[end - back + 1]!)) ? back : 0;
  }
  return 0;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function characterLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
}

/** Overlong forms, surrogates and code points past U+10FFFF are ruled out by the second byte. */
function secondByteFits(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90;
  return lead === 0xf4 ? second <= 0x8f : true;
}
