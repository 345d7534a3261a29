import { type Kind, newTally, scaled } from "../kind.js";
import { attacked, count, Neighbour, post } from "../server.js";

/** Requests whose own row must fail, or costs much: none may take another with it. */
export const rows: Kind = {
  name: "rows that fail or cost",
  async run(size) {
    const tally = newTally();
    const server = await attacked("--model", "standin:nano");
    const neighbour = new Neighbour(server.url);
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
    const formats = (schema: unknown) => ({ type: "json_schema", json_schema: { name: "x", schema } });
    const nothingLeft = {
      ...{ prompt: "x", max_tokens: 40, min_tokens: 30, response_format: formats(schema) },
      stop_token_ids: Array.from({ length: 64 }, (_, token) => token),
    };
    const manyValues = { enum: Array.from({ length: 1000 }, (_, i) => `value ${i * 7919}`) };
    const costly = { prompt: "x", max_tokens: 24, n: 16, response_format: formats(manyValues) };
    let nested: unknown = { type: "integer" };
    for (let depth = 0; depth < 20; depth++) nested = { type: "array", items: { anyOf: [nested, { type: "null" }] } };
    const ambiguous = { prompt: "x", max_tokens: 64, response_format: formats(nested) };
    for (let round = 0; round < scaled(60, size); round++) {
      for (const body of [nothingLeft, costly, ambiguous]) {
        count(tally, await post(server.url, "/v1/completions", body), () => true);
      }
    }
    await neighbour.stop(tally);
    await server.end();
    return tally;
  },
};
