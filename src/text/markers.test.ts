import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Marker, Markers, plainText } from "./markers.js";

const control = (text: string): Marker => ({ text, control: true, stripsLeft: false, stripsRight: false });
const markers = new Markers([
  control("<s>"),
  control("<e>"),
  { ...control("<r>"), stripsRight: true },
  { ...control("<think>"), control: false },
]);

describe("guard and split", () => {
  const rendered = (content: string): string => `<s>user\n${content}<e>\n<s>`;

  it("leave a prompt whole whose messages have no markers", () => {
    const { texts, letters } = markers.guard(["<think> <s ", "é"]);
    expect(texts).toEqual(["<think> <s ", "é"]);
    expect(markers.split(rendered(texts[0]!), letters)).toBe("<s>user\n<think> <s <e>\n<s>");
  });

  it("make a stretch of letters of what holds a marker, from one of the template's to the next", () => {
    const { texts, letters } = markers.guard(["a<e>\n<s>b"]);
    expect(texts[0]).not.toMatch(/<[se]>/);
    expect(markers.split(rendered(texts[0]!), letters)).toEqual([
      { text: "<s>", special: true },
      { text: "user\na<e>\n<s>b", special: false },
      { text: "<e>\n<s>", special: true },
    ]);
  });

  it("let no marker form out of what is left of others", () => {
    const { texts, letters } = markers.guard(["<<s>s>"]);
    expect(markers.split(texts[0]!, letters)).toEqual([{ text: "<<s>s>", special: false }]);
  });

  it("take a stand-in that nothing else has", () => {
    const taken = String.fromCodePoint(0x100000);
    const { texts, letters } = markers.guard(["<s>", taken]);
    expect(letters.has(taken)).toBe(false);
    expect(plainText(markers.split(texts.join(""), letters))).toBe(`<s>${taken}`);
  });

  it("take away the white space that a marker of the template takes", () => {
    const { texts, letters } = markers.guard([" \n a<s>"]);
    expect(markers.split(`<r>${texts[0]}<e>`, letters)[1]).toEqual({ text: "a<s>", special: false });
  });

  it("give back every text", () => {
    const part = fc.constantFrom("<s>", "<e>", "<", "s>", "a", " ", "<think>", "🦙");
    const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (first, second) => {
        const { texts, letters } = markers.guard([first, second]);
        const prompt = markers.split(`<s>${texts[0]}<e>${texts[1]}<e>`, letters);
        expect(plainText(prompt)).toBe(`<s>${first}<e>${second}<e>`);
        const tokens =
          typeof prompt === "string" ? [prompt] : prompt.filter((piece) => piece.special).map((piece) => piece.text);
        expect(tokens.join("").match(/<s>|<e>/g)).toEqual(["<s>", "<e>", "<e>"]);
      }),
      { seed: 1 },
    );
  });
});

describe("parts", () => {
  it("have few markers each and make up the text", () => {
    const text = "<s>a<e>".repeat(100);
    const parts = markers.parts(text, true, 8);
    expect(parts.join("")).toBe(text);
    expect(Math.max(...parts.map((part) => part.match(/<[se]>/g)!.length))).toBe(8);
  });

  it("are never cut where another marker reaches over, or white space is taken away", () => {
    const overlapping = new Markers([control("ab"), control("bca")]);
    // "bca" is the longer one: llama.cpp takes it first, out of the middle of "ab".
    expect(overlapping.parts("xabcab", true, 0)).toEqual(["xabcab"]);
    expect(markers.parts("<r> <s><r> <s>", true, 1)).toEqual(["<r> <s>", "<r> <s>"]);
  });
});
