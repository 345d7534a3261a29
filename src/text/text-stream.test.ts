import { describe, expect, it } from "vitest";
import { TextStream } from "./text-stream.js";
import { TokenTable } from "./token-table.js";

const pieces = ["Hello", " wor", "ld", "."].map((piece) => Buffer.from(piece));
const halfEuro = Buffer.from("€").subarray(0, 2);
const table = new TokenTable(5, (token) => pieces[token] ?? halfEuro);

describe("TextStream", () => {
  it("ends in the token that completes a stop string", () => {
    const stream = new TextStream(table, ["world"]);
    expect([0, 1, 2].map((token) => stream.push(token))).toEqual(["Hello", " ", ""]);
    expect(stream.stopped).toBe(true);
  });

  it("does not see stop strings in tokens that are not to be watched", () => {
    const stream = new TextStream(table, ["Hello"]);
    expect(stream.push(0, false)).toBe("Hello");
    expect(stream.stopped).toBe(false);
    expect(stream.push(0)).toBe("");
    expect(stream.stopped).toBe(true);
  });

  it("gives what was held back at the end, an unfinished character as U+FFFD", () => {
    const stream = new TextStream(table, ["world"]);
    expect(stream.push(1)).toBe(" ");
    expect(stream.push(4)).toBe("");
    expect(stream.finish()).toBe("wor\ufffd");
    expect(stream.stopped).toBe(false);
  });
});
