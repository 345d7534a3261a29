import { Random } from "../../../src/random.js";
import { type Kind, newTally, scaled } from "../kind.js";
import { attacked, count, Neighbour, post } from "../server.js";

/** Schemas that grow while they are read, have no end, are far too large, or leave nothing to say. */
export const schemas: Kind = {
  name: "hostile schemas",
  async run(size) {
    const tally = newTally();
    const server = await attacked("--model", "standin:nano");
    const neighbour = new Neighbour(server.url);
    const random = new Random(1);
    const bodies = scaled(10_000, size);
    const client = async () => {
      while (tally.sent < bodies) {
        const schema = HOSTILE[random.integer(0, HOSTILE.length - 1)]!(random);
        const response_format = { type: "json_schema", json_schema: { name: "x", schema } };
        const body = { prompt: "x", max_tokens: 4, response_format };
        count(tally, await post(server.url, "/v1/completions", body), () => true);
      }
    };
    await Promise.all(Array.from({ length: 4 }, client));
    await neighbour.stop(tally);
    tally.notes.push(`ended ${(await server.end()).toFixed(1)} s after SIGTERM`);
    return tally;
  },
};

type Schema = unknown;

const HOSTILE: readonly ((random: Random) => Schema)[] = [
  // Every way through thirty levels of alternatives.
  (random) => {
    const width = random.integer(2, 4);
    const to = (level: number) => Array.from({ length: width }, () => ({ $ref: `#/$defs/d${level}` }));
    const levels = Array.from({ length: 30 }, (_, level) => [`d${level}`, level < 29 ? { anyOf: to(level + 1) } : {}]);
    return { $ref: "#/$defs/d0", $defs: Object.fromEntries(levels) };
  },
  (random) => ({ enum: Array.from({ length: random.integer(500, 5000) }, (_, i) => `value number ${i}`) }),
  (random) => {
    let schema: Schema = { type: "integer" };
    // Twice as long with each level: twelve levels stay below the body limit.
    for (let left = random.integer(3, 12); left > 0; left--) {
      schema = {
        anyOf: [
          { type: "array", items: schema },
          { type: "array", items: schema },
        ],
      };
    }
    return schema;
  },
  (random) => {
    let schema: Schema = 1;
    for (let left = random.integer(100, 2000); left > 0; left--) schema = [schema];
    return { const: schema };
  },
  () => ({ $ref: "#" }),
  () => ({ $ref: "#/%" }),
  () => ({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }),
  (random) => ({ type: "string", minLength: random.integer(0, 1e6), maxLength: random.integer(0, 1e6) }),
  (random) => ({ type: "array", minItems: random.integer(0, 1e6), items: { type: "array", minItems: 1e6 } }),
  () => ({ type: [] }),
  () => ({ type: "integer", enum: ["a"] }),
  (random) => ({
    type: "object",
    properties: Object.fromEntries(Array.from({ length: random.integer(1, 400) }, (_, i) => [`p${i}`, {}])),
  }),
  () => ({
    type: "object",
    required: ["__proto__"],
    properties: { constructor: { $ref: "#/properties/constructor" } },
  }),
  (random) => random.integer(0, 9),
  () => null,
];
