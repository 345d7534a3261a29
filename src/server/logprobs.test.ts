import { describe, expect, it } from "vitest";
import { CompletionLogprobs } from "./logprobs.js";

/** Tokens of these bytes. */
function entries(...pieces: number[][]) {
  return pieces.map((bytes, token) => ({ token, text: "", bytes, logprob: -1, top: [] }));
}

const a = [0x61];
const [smile1, smile2] = [
  [0xf0, 0x9f],
  [0x99, 0x82],
];
const [euro1, euro2, euro3] = [[0xe2], [0x82], [0xac]];

describe("the offsets of a completion's tokens", () => {
  it("count characters, and stay at one that several tokens make up", () => {
    const offsets = new CompletionLogprobs().of(entries(a, smile1!, smile2!, euro1!, euro2!, euro3!, a)).text_offset;
    const text = "a🙂€a";
    expect(offsets).toEqual([0, 1, 1, 2, 2, 2, 3]);
    for (const offset of offsets) expect(offset).toBeLessThan([...text].length);
  });

  it("go on from one part of a stream to the next", () => {
    const logprobs = new CompletionLogprobs();
    expect(logprobs.of(entries(a, smile1!)).text_offset).toEqual([0, 1]);
    expect(logprobs.of(entries(smile2!, a)).text_offset).toEqual([1, 2]);
  });

  it("do not lie behind a text that a stop string has cut", () => {
    expect(new CompletionLogprobs().of(entries(a, a, a, a), 2).text_offset).toEqual([0, 1, 2, 2]);
  });
});
