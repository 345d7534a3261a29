import { findSmollm2 } from "../../../test/support/smollm2.js";
import { type Kind, newTally, scaled } from "../kind.js";
import { attacked, post } from "../server.js";

/** The same greedy request again, while others come and go: the same text. */
export const repeats: Kind = {
  name: "the same request twice",
  async run(size) {
    const tally = newTally();
    const model = findSmollm2("the same request twice");
    const server = await attacked("--model", model ?? "standin:nano:f32", "--reproducible");
    const words = (seed: number) => Array.from({ length: 160 }, (_, i) => `${(seed * 31 + i * i * 7) % 997}`).join(" ");
    const text = async (prompt: string) => {
      const { status, text } = await post(server.url, "/v1/completions", { prompt, max_tokens: 16, temperature: 0 });
      return status === 200 ? (JSON.parse(text).choices[0].text as string) : undefined;
    };
    for (let prompt = 0; prompt < scaled(12, size); prompt++) {
      const first = await text(words(prompt));
      const again = await Promise.all([text(words(prompt)), text(words(prompt + 1000)), text(words(prompt + 2000))]);
      tally.sent += 2;
      if (first === undefined || again[0] === undefined) tally.lost++;
      else if (first === again[0]) tally.right += 2;
      else tally.wrong++;
    }
    tally.notes.push(model === undefined ? "on standin:nano in F32" : "on SmolLM2-135M-Instruct");
    await server.end();
    return tally;
  },
};
