import { describe, expect, it } from "vitest";
import { correctionOf, tutorPrompt } from "./tutor.js";

const host = { tokenize: (text: string) => text.split(" ").map((_, i) => i), info: { contextSize: 128 } } as never;

describe("what the tutor is asked", () => {
  it.each(["He go to school.", "I am a student.", "Hello, Anna!", "She likes naïve José."])("%s", (sentence) => {
    expect(tutorPrompt(host, sentence)).toHaveProperty("tokens");
  });

  it.each(["Je suis étudiant à Paris.", "Ich gehe jeden Tag zur Schule.", "Я студент.", "12345", "今日は"])(
    "not %s",
    (sentence) => {
      expect(tutorPrompt(host, sentence)).toHaveProperty("refusal", expect.stringContaining("English"));
    },
  );

  it("not what is too long", () => {
    expect(tutorPrompt(host, "the ".repeat(70))).toHaveProperty("refusal", expect.stringContaining("too long"));
    expect(tutorPrompt(host, "a".repeat(5000))).toHaveProperty("refusal", expect.stringContaining("too long"));
  });
});

describe("what counts as a correction", () => {
  it("a change of some words", () => {
    expect(correctionOf("he go", "He goes.", true)).toEqual({ corrected: "He goes.", changed: true, note: undefined });
    expect(correctionOf("I am here.", "I am here.", true)).toMatchObject({ changed: false, note: undefined });
  });

  it("not another sentence", () => {
    const sentence = "The flibber went quickly over seven small green hills.";
    const answer = correctionOf(sentence, "She has two cats and a dog at the weekend in May.", true);
    expect(answer).toMatchObject({ corrected: sentence, changed: false, note: expect.stringContaining("differed") });
  });

  it("not an answer without an end, or an empty one", () => {
    expect(correctionOf("He go.", "He goes and goes", false)).toMatchObject({ corrected: "He go.", changed: false });
    expect(correctionOf("He go.", " ", true)).toMatchObject({ corrected: "He go.", changed: false });
  });
});
