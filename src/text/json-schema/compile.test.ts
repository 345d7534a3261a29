import { describe, expect, it } from "vitest";
import { matches } from "../grammar/matches.fixture.js";
import { compileAnyObject, compileSchema } from "./compile.js";

const person = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 5 },
    age: { type: "integer" },
    tags: { type: "array", items: { enum: ["a", "b"] }, minItems: 1, maxItems: 2 },
  },
  required: ["name"],
};

/** [what, schema, texts that fit, texts that do not] */
const CASES: readonly [string, object, string[], string[]][] = [
  [
    "object",
    person,
    ['{"name": "Ann"}', '{"name":"","age": -3}', '{"name":"x","tags":["a", "b"]}', '{"name":"x","age":1,"tags":["b"]}'],
    [
      "{}",
      '{"age":1}',
      '{"age":1,"name":"x"}',
      '{"name":"toolong"}',
      '{"name":"x","tags":[]}',
      '{"name":"x","other":1}',
    ],
  ],
  [
    "optional properties only",
    { type: "object", properties: { a: { type: "null" }, b: { type: "null" } } },
    ["{}", '{"a":null}', '{"b":null}', '{"a":null,"b":null}'],
    ['{,"b":null}', '{"a":null,}', '{"b":null,"a":null}'],
  ],
  [
    "additional properties",
    { type: "object", properties: { a: { type: "boolean" } }, additionalProperties: { type: "integer" } },
    ["{}", '{"a":true,"x":1}', '{"x":1, "y":2}', '{"ab":1}', '{"":1}'],
    ['{"x":true}', '{"a":1}', '{"a":true,"a":1}', '{"\\u0061":1}'],
  ],
  [
    "a declared property among others",
    { type: "object", properties: { age: { type: "integer" } }, required: ["age"], additionalProperties: true },
    ['{"age":19}', '{"age":19,"ages":"ten"}', '{"age":19,"ag":"ten"}'],
    ['{"age":"ten"}', '{"age":19,"age":"ten"}', '{"ag":1}'],
  ],
  ["a map", { type: "object", additionalProperties: { type: "boolean" } }, ["{}", '{"k":true}'], ['{"k":1}']],
  ["required without a schema", { type: "object", required: ["a"] }, ['{"a":[1]}', '{"a":1,"b":2}'], ["{}", '{"b":1}']],
  [
    "some of its properties",
    { properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } }, minProperties: 1, maxProperties: 2 },
    ['{"a":1}', '{"b":2,"c":3}'],
    ["{}", '{"a":1,"b":2,"c":3}'],
  ],
  [
    "enum and const",
    { anyOf: [{ enum: ['x"y', 2, null] }, { const: { k: [1] } }] },
    ['"x\\"y"', "2", "null", '{"k":[1]}'],
    ['"x"', "3"],
  ],
  ["const with enum", { const: 2, enum: [1, 2] }, ["2"], ["1"]],
  ["type with enum", { type: "integer", enum: ["a", 7, 1.5] }, ["7"], ['"a"', "1.5"]],
  ["type with anyOf", { type: "string", anyOf: [{ const: 5 }, { const: "a" }] }, ['"a"'], ["5"]],
  [
    "anyOf beside oneOf",
    { anyOf: [{ const: 1 }, { const: 2 }], oneOf: [{ const: 2 }, { const: 3 }] },
    ["2"],
    ["1", "3"],
  ],
  ["oneOf of overlapping lists", { oneOf: [{ enum: [1, 2, 3] }, { enum: [3, 4] }] }, ["1", "4"], ["3"]],
  [
    "oneOf by a required property",
    {
      type: "object",
      properties: { a: { type: "null" }, b: { type: "null" } },
      oneOf: [{ required: ["a"] }, { required: ["b"] }],
    },
    ['{"a":null}', '{"b":null}'],
    ["{}", '{"a":null,"b":null}'],
  ],
  [
    "allOf",
    { allOf: [{ properties: { a: { type: "integer" } }, required: ["a"] }, { properties: { a: { enum: [1, "x"] } } }] },
    ['{"a":1}'],
    ['{"a":2}', '{"a":"x"}', "{}"],
  ],
  ["not", { enum: [1, 2], not: { const: 2 } }, ["1"], ["2"]],
  [
    "if",
    JSON.parse('{"type":["string","null"],"if":{"type":"string"},"then":{"maxLength":1}}'),
    ['"a"', "null"],
    ['"ab"'],
  ],
  ["numbers", { type: ["number", "null"] }, ["0", "-1.5e3", "null"], ["01", "+1", ".5", "1.", "1e999"]],
  [
    "integers in bounds",
    { type: "integer", minimum: -12, exclusiveMaximum: 105 },
    ["-12", "-9", "0", "104"],
    ["-13", "105", "007", "1000"],
  ],
  ["tuple", { prefixItems: [{ type: "integer" }, { type: "string" }] }, ['[1,"a"]'], ["[1]", '["a",1]']],
  [
    "tuple and more",
    { items: [{ const: 1 }], additionalItems: { const: 2 }, maxItems: 3 },
    ["[1]", "[1,2,2]"],
    ["[1,1]", "[1,2,2,2]"],
  ],
  ["at least two", { type: "array", items: { const: 1 }, minItems: 2 }, ["[1,1]", "[1,1,1]"], ["[1]", "[]"]],
  [
    "many",
    { type: "array", items: { const: 1 }, minItems: 2500 },
    [`[${"1,".repeat(2499)}1]`],
    [`[${"1,".repeat(2498)}1]`],
  ],
  ["long", { type: "string", minLength: 2001 }, [`"${"a".repeat(2001)}"`], [`"${"a".repeat(2000)}"`]],
  ["none", { type: "array", items: { type: "null" }, maxItems: 0 }, ["[]"], ["[null]"]],
  [
    "date",
    { format: "date" },
    ['"2024-02-29"', '"2000-02-29"'],
    ['"2023-02-29"', '"1900-02-29"', '"2024-04-31"', '"24-01-01"'],
  ],
  [
    "escapes",
    { type: "string", maxLength: 2 },
    ['"a\\n"', '"\\u00e9"', '"é"', '"\\ud83d\\ude00"'],
    ['"a\nb"', '"\\x"', '"\\ud83d"'],
  ],
  ["anything", {}, ['[1, {"a": [true]}]', '"x"'], ["nul"]],
  [
    "references into lists, with escapes, to anchors and ids",
    {
      properties: {
        a: { anyOf: [{ const: 1 }, { $anchor: "x", const: 2 }] },
        "b/c~d %": { $id: "urn:b", const: 3 },
        d: { $ref: "#/properties/a/anyOf/0" },
        e: { $ref: "#x" },
        f: { $ref: "#/properties/b~1c~0d%20%25" },
        g: { $ref: "urn:b" },
      },
      required: ["d", "e", "f", "g"],
    },
    ['{"d":1,"e":2,"f":3,"g":3}'],
    ['{"d":2,"e":2,"f":3,"g":3}'],
  ],
  [
    "recursion",
    {
      $ref: "#/$defs/tree",
      $defs: { tree: { type: "object", properties: { kids: { type: "array", items: { $ref: "#/$defs/tree" } } } } },
    },
    ["{}", '{"kids":[{},{"kids":[]}]}'],
    ['{"kids":[1]}'],
  ],
  [
    "a reference to itself inside",
    { properties: { next: { $ref: "#" } } },
    ["{}", '{"next":{"next":{}}}'],
    ['{"next":1}'],
  ],
];

describe("a grammar made of a JSON schema", () => {
  it.each(CASES)("%s", (_name, schema, good, bad) => {
    const grammar = compileSchema(schema as Record<string, unknown>);
    expect(good.filter((text) => !matches(grammar, text))).toEqual([]);
    expect(bad.filter((text) => matches(grammar, text))).toEqual([]);
  });

  it("for any JSON object", () => {
    expect(matches(compileAnyObject(), '{"a": [1, 2.5, {"b": null}], "c": ""}')).toBe(true);
    expect(matches(compileAnyObject(), "[1]")).toBe(false);
  });

  it.each([
    [{ type: "string", pattern: "^a" }, "$.pattern"],
    [{ type: "number", minimum: 3 }, "$.minimum"],
    [{ type: "object", properties: { a: { type: "array", uniqueItems: true } } }, "$.properties.a.uniqueItems"],
    [{ type: "string", format: "email" }, "$.format"],
    [{ not: {} }, "$.not"],
    [{ oneOf: [{ type: "integer" }, { type: "number" }] }, "$.oneOf.1"],
  ])("refuses %j by the name of what it cannot hold", (schema, path) => {
    expect(() => compileSchema(schema)).toThrow(
      expect.objectContaining({ code: "unsupported_field", message: expect.stringContaining(path) }),
    );
  });

  it.each([
    [{ type: "strin" }, "$.type"],
    [{ type: [] }, "$.type"],
    [{ $ref: "#/nowhere" }, "$.$ref"],
    [{ $ref: "#/%" }, "$.$ref"],
    [{ $ref: "#items", items: {} }, "$.$ref"],
    [{ $ref: "http://elsewhere" }, "$.$ref"],
    [{ $ref: "#" }, "$.$ref"],
    [{ allOf: [{ $ref: "#" }] }, "$"],
    [{ properties: { a: { $ref: "#" } }, required: ["a"] }, "$"],
    [{ enum: [] }, "$.enum"],
    [{ type: "integer", enum: ["a"] }, "$"],
    [{ type: "string", minLength: 3, maxLength: 2 }, "$.maxLength"],
    [{ type: "array", items: 7 }, "$.items"],
  ])("refuses %j as no schema that a value can be valid under", (schema, path) => {
    expect(() => compileSchema(schema as Record<string, unknown>)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        field: "response_format",
        message: expect.stringContaining(`schema ${path}`),
      }),
    );
  });

  it("takes references that cross each other thirty deep as one way", () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [
        `d${i}`,
        { anyOf: Array.from({ length: 4 }, () => ({ $ref: `#/$defs/d${i + 1}` })) },
      ]),
    );
    const grammar = compileSchema({ $ref: "#/$defs/d0", $defs: { ...$defs, d30: { const: 1 } } }, 2000);
    expect(matches(grammar, "1")).toBe(true);
  });

  it("refuses what is nested too deep or combines too much instead of failing on it", () => {
    const nested = (depth: number, of: (inner: object) => object) => {
      let schema: object = { type: "null" };
      for (let i = 0; i < depth; i++) schema = of(schema);
      return schema as Record<string, unknown>;
    };
    expect(() => compileSchema(nested(5000, (items) => ({ type: "array", items })))).toThrow(/nested/);
    expect(() => compileSchema({ const: nested(100_000, (a) => ({ a })) })).toThrow(/nested/);
    const allOf = Array.from({ length: 30 }, (_, i) => ({ anyOf: [{ minLength: i }, { maxLength: 90 + i }] }));
    expect(() => compileSchema({ type: "string", allOf })).toThrow(
      expect.objectContaining({ code: "grammar_too_costly" }),
    );
    const properties = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`p${i}`, { type: "null" }]));
    expect(() => compileSchema({ type: "object", properties })).toThrow(
      expect.objectContaining({ code: "grammar_too_costly" }),
    );
  });
});
