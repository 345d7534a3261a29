import { afterAll, beforeAll, expect, it } from "vitest";
import { type LiveServer, liveServer } from "./live.js";

let server: LiveServer;

beforeAll(async () => {
  server = await liveServer({}, {}, "tutor");
});

afterAll(async () => {
  await server.drain();
});

async function correct(sentence: string) {
  const response = await fetch(`${server.url}/correct`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sentence, learner_id: "ann" }),
  });
  return (await response.json()) as { corrected: string; changed: boolean; learner_id: string; note: string | null };
}

it("corrects a learner's mistake, the same alone and among others", async () => {
  const mended = new Map([
    ["She go to school every day.", "She goes to school every day."],
    ["She don't like coffee.", "She doesn't like coffee."],
    ["Yesterday I go to the park.", "Yesterday I went to the park."],
    ["They is happy.", "They are happy."],
    ["I has a dog.", "I have a dog."],
  ]);
  const sentences = [...mended.keys()];
  const alone = [];
  for (const sentence of sentences) alone.push(await correct(sentence));
  expect(alone[0]).toMatchObject({ changed: true, learner_id: "ann", note: null });
  expect(alone.map(({ corrected }) => corrected)).toEqual([...mended.values()]);
  const together = await Promise.all(sentences.map(correct));
  expect(together.map(({ corrected }) => corrected)).toEqual(alone.map(({ corrected }) => corrected));
});

it("leaves a right sentence alone, and says why it does not try", async () => {
  expect(await correct("She goes to school every day.")).toMatchObject({ changed: false, note: null });
  expect((await correct("Elle va à l'école. Это не английский язык.")).note).toContain("English");
  const long = "I like the big green house ".repeat(20);
  expect(await correct(long)).toMatchObject({
    corrected: long,
    changed: false,
    note: expect.stringContaining("too long"),
  });
});

it("takes a marker in the sentence as plain letters", async () => {
  const tokens = server.host.tokenize("a<|fix|>b", false);
  expect(tokens.length).toBeGreaterThan(4);
  expect((await correct("She <|fix|> go <|endoftext|> home.")).learner_id).toBe("ann");
});
