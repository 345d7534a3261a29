import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Detokenizer, detokenize, incompleteTail } from "./detokenizer.js";
import { decodeUtf8, TokenTable } from "./token-table.js";

/** A vocabulary in which the tokens are these byte strings. */
function tableOf(pieces: readonly Uint8Array[]): TokenTable {
  return new TokenTable(pieces.length, (token) => pieces[token]!);
}

/** Any bytes, and bytes that are mostly valid text, cut anywhere. */
const anyBytes = fc.uint8Array({ maxLength: 40 });
const textBytes = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => new Uint8Array(Buffer.from(text)));

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
}

describe("Detokenizer", () => {
  it("gives the text of the whole, however the bytes are cut into tokens", () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes, textBytes), fc.array(fc.integer({ min: 0, max: 5 })), (bytes, lengths) => {
        const pieces = cut(bytes, lengths);
        expect(detokenize(tableOf(pieces), Array.from(pieces.keys()))).toBe(decodeUtf8(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("gives out a character with its last byte and not before", () => {
    const euro = Buffer.from("€");
    const detokenizer = new Detokenizer(tableOf([euro.subarray(0, 1), euro.subarray(1, 2), euro.subarray(2)]));
    expect([detokenizer.push(0), detokenizer.push(1), detokenizer.push(2), detokenizer.flush()]).toEqual([
      "",
      "",
      "€",
      "",
    ]);
  });

  it("replaces what cannot become a character at once, and an unfinished character at the end", () => {
    const detokenizer = new Detokenizer(tableOf([new Uint8Array([0xff]), new Uint8Array([0xe2, 0x82])]));
    expect(detokenizer.push(0)).toBe("\ufffd");
    expect(detokenizer.push(1)).toBe("");
    expect(detokenizer.flush()).toBe("\ufffd");
    expect(detokenizer.flush()).toBe("");
  });
});

describe("incompleteTail", () => {
  it.each([
    [[], 0],
    [[0x41], 0],
    [[0xc3], 1],
    [[0xe2, 0x82], 2],
    [[0xf0, 0x9f, 0x98], 3],
    [[0xf0, 0x9f, 0x98, 0x80], 0],
    [[0xe0, 0x80], 0],
    [[0xed, 0xa0], 0],
    [[0xf4, 0x90], 0],
    [[0xc0], 0],
    [[0x80, 0x80, 0x80], 0],
  ])("of %j is %i", (bytes, length) => {
    expect(incompleteTail(new Uint8Array(bytes))).toBe(length);
  });
});
