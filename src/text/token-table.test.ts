import { describe, expect, it } from "vitest";
import { TokenTable } from "./token-table.js";

const pieces = [[104, 105], [0xe2, 0x82], [], [0xc3, 0xa9], [0xef, 0xbb, 0xbf]];
const table = new TokenTable(pieces.length, (token) => new Uint8Array(pieces[token]!));

describe("TokenTable", () => {
  it("keeps every token's bytes", () => {
    expect(pieces.map((_, token) => Array.from(table.bytesOf(token)))).toEqual(pieces);
  });

  it("knows which tokens are whole characters", () => {
    expect(pieces.map((_, token) => table.wholeTextOf(token))).toEqual(["hi", undefined, "", "é", "\ufeff"]);
  });

  it("reads a token alone with U+FFFD for what is not a character", () => {
    expect(table.textOf(1)).toBe("\ufffd");
    expect(table.textOf(0)).toBe("hi");
  });

  it("has no bytes for ids outside of the vocabulary", () => {
    expect(table.bytesOf(99)).toHaveLength(0);
    expect(table.bytesOf(-1)).toHaveLength(0);
  });

  it("grows with long tokens", () => {
    const long = new TokenTable(2, (token) => new Uint8Array(100).fill(65 + token));
    expect(long.textOf(1)).toBe("B".repeat(100));
  });
});
