/** What a grammar lets through is valid under its schema, as an independent validator sees it. */
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SluiceError } from "../../errors.js";
import { Random } from "../../random.js";
import { GrammarMatcher, type GrammarState } from "../grammar/matcher.js";
import type { GrammarProgram } from "../grammar/program.js";
import { compileSchema } from "./compile.js";

const MAX_BYTES = 400;

/** A random text of a grammar; undefined where it finds no end in time. */
function randomText(program: GrammarProgram, random: Random): string | undefined {
  const matcher = new GrammarMatcher(program);
  matcher.grant(1e8);
  const bytes: number[] = [];
  let state: GrammarState = matcher.start;
  while (bytes.length < MAX_BYTES) {
    const open = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => matcher.step(state, byte) !== null);
    if (state.accepting && (open.length === 0 || random.uniform() < 0.3)) return Buffer.from(bytes).toString();
    // What closes something is likelier, so that texts end.
    const closing = open.filter((byte) => '"}],:'.includes(String.fromCharCode(byte)));
    const from = closing.length > 0 && random.uniform() < 0.6 ? closing : open;
    const byte = from[Math.floor(random.uniform() * from.length)]!;
    bytes.push(byte);
    state = matcher.step(state, byte)!;
  }
  return undefined;
}

const constant = fc.constantFrom<unknown>(1, 2, "a", "b", "", null, true, 1.5, [1], { a: 1 });
const count = fc.integer({ min: 0, max: 3 });
const name = fc.constantFrom("a", "b", "ab");

const { schema } = fc.letrec<{ schema: unknown }>((tie) => {
  const sub = tie("schema") as fc.Arbitrary<object>;
  const list = fc.array(sub, { minLength: 1, maxLength: 3 });
  const some = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
  return {
    schema: fc.oneof(
      { maxDepth: 4 },
      fc.constant({}),
      fc.record({ const: constant }),
      fc.record({ enum: fc.array(constant, { minLength: 1, maxLength: 4 }) }),
      fc.record({ type: fc.constantFrom("string", "integer", "number", "boolean", "null", ["string", "null"]) }),
      some({ type: fc.constant("string"), minLength: count, maxLength: count }),
      fc.record({ type: fc.constant("string"), format: fc.constantFrom("date", "time", "date-time", "uuid", "ipv4") }),
      some({
        type: fc.constant("integer"),
        minimum: fc.integer({ min: -150, max: 20 }),
        maximum: fc.integer({ min: 0, max: 2000 }),
      }),
      some({ type: fc.constant("array"), items: sub, minItems: count, maxItems: count }),
      some({ type: fc.constant("array"), prefixItems: list, items: fc.oneof(sub, fc.boolean()), maxItems: count }),
      some({
        type: fc.constant("object"),
        properties: fc.dictionary(name, sub, { maxKeys: 3 }),
        required: fc.uniqueArray(name, { maxLength: 2 }),
        additionalProperties: fc.oneof(sub, fc.boolean()),
        minProperties: fc.integer({ min: 0, max: 2 }),
        maxProperties: fc.integer({ min: 1, max: 3 }),
      }),
      some({ anyOf: list, type: fc.constantFrom("string", "object", "integer") }),
      some({ oneOf: list, enum: fc.array(constant, { minLength: 1, maxLength: 4 }) }),
      fc.record({ allOf: list }),
      fc.record({ type: fc.constantFrom("string", "integer", "object"), not: sub }),
      fc.constant({ $ref: "#/$defs/r" }),
    ),
  };
});

it("accepts only texts that are valid, for random schemas", { timeout: 120_000 }, () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: true });
  (formats as unknown as (validator: Ajv2020) => void)(ajv);
  const random = new Random(7);
  let [accepted, checked] = [0, 0];
  fc.assert(
    fc.property(schema, (drawn) => {
      const whole = {
        ...(drawn as object),
        $defs: { r: { type: "object", properties: { r: { $ref: "#/$defs/r" } } } },
      };
      let program: GrammarProgram;
      try {
        program = compileSchema(whole);
      } catch (error) {
        expect(error).toBeInstanceOf(SluiceError);
        expect(error).toMatchObject({ field: "response_format" });
        return;
      }
      accepted++;
      const validate = ajv.compile(whole);
      for (let i = 0; i < 10; i++) {
        const text = randomText(program, random);
        if (text === undefined) continue;
        checked++;
        if (!validate(JSON.parse(text))) throw new Error(`${text} is not valid: ${ajv.errorsText(validate.errors)}`);
      }
    }),
    { numRuns: 400, seed: 11 },
  );
  expect(accepted).toBeGreaterThan(150);
  expect(checked).toBeGreaterThan(1000);
});
