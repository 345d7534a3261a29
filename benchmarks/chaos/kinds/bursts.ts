import { type Kind, newTally, scaled } from "../kind.js";
import { attacked, count, Neighbour, post } from "../server.js";

/** Hundreds of connections in the same moment, with ordinary prompts. */
export const bursts: Kind = {
  name: "bursts of connections",
  async run(size) {
    const tally = newTally();
    const server = await attacked("--model", "standin:nano");
    const neighbour = new Neighbour(server.url);
    const prompt = "word ".repeat(200);
    for (let round = 0; round < scaled(4, size); round++) {
      const sent = Array.from({ length: scaled(500, size) }, (_, i) =>
        post(server.url, "/v1/completions", { prompt: `${i} ${prompt}`, max_tokens: 2, ignore_eos: true }, 60_000),
      );
      for (const answer of await Promise.all(sent)) count(tally, answer, (text) => text.includes('"choices"'));
    }
    await neighbour.stop(tally);
    await server.end();
    return tally;
  },
};
