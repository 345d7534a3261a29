import { describe, expect, it } from "vitest";
import { accepts } from "./gbnf.fixture.js";
import { grammarOfSchema, JSON_GRAMMAR } from "./json-schema.js";

const person = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 5 },
    age: { type: "integer" },
    tags: { type: "array", items: { enum: ["a", "b"] }, minItems: 1, maxItems: 2 },
  },
  required: ["name"],
};

/** [schema, texts that fit, texts that do not] */
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
      '{"name":"x",}',
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
    ["{}", '{"a":true,"x":1}', '{"x":1, "y":2}'],
    ['{"x":true}'],
  ],
  ["a map", { type: "object", additionalProperties: { type: "boolean" } }, ["{}", '{"k":true}'], ['{"k":1}']],
  [
    "enum and const",
    { anyOf: [{ enum: ['x"y', 2, null] }, { const: { k: [1] } }] },
    ['"x\\"y"', "2", "null", '{"k":[1]}'],
    ['"x"', "3"],
  ],
  ["numbers", { type: ["number", "null"] }, ["0", "-1.5e3", "null"], ["01", "+1", ".5", "1."]],
  ["tuple", { prefixItems: [{ type: "integer" }, { type: "string" }] }, ['[1,"a"]'], ["[1]", '["a",1]']],
  [
    "at least two",
    { type: "array", items: { type: "null" }, minItems: 2 },
    ["[null,null]", "[null,null,null]"],
    ["[null]", "[]"],
  ],
  ["none", { type: "array", items: { type: "null" }, maxItems: 0 }, ["[]"], ["[null]"]],
  ["date", { type: "string", format: "date" }, ['"2024-02-29"'], ['"2024-13-01"', '"24-01-01"']],
  ["escapes", { type: "string" }, ['"a\\n\\u00e9"', '"é"'], ['"a\nb"', '"\\x"']],
  ["anything", {}, ['[1, {"a": [true]}]', '"x"'], ["nul"]],
  [
    "recursion",
    {
      $ref: "#/$defs/tree",
      $defs: { tree: { type: "object", properties: { kids: { type: "array", items: { $ref: "#/$defs/tree" } } } } },
    },
    ["{}", '{"kids":[{},{"kids":[]}]}'],
    ['{"kids":[1]}'],
  ],
];

describe("a grammar made of a JSON schema", () => {
  it.each(CASES)("%s", (_name, schema, good, bad) => {
    const grammar = grammarOfSchema(schema as Record<string, unknown>);
    expect(good.filter((text) => !accepts(grammar, text))).toEqual([]);
    expect(bad.filter((text) => accepts(grammar, text))).toEqual([]);
  });

  it("for any JSON object", () => {
    expect(accepts(JSON_GRAMMAR, '{"a": [1, 2.5, {"b": null}], "c": ""}')).toBe(true);
    expect(accepts(JSON_GRAMMAR, "[1]")).toBe(false);
  });

  it.each([
    [{ type: "string", pattern: "^a" }, "$.pattern"],
    [{ type: "integer", minimum: 3 }, "$.minimum"],
    [{ type: "object", properties: { a: { type: "array", uniqueItems: true } } }, "$.properties.a.uniqueItems"],
    [{ type: "string", format: "email" }, "$.format"],
    [{ not: {} }, "$.not"],
    [{ allOf: [{}, {}] }, "$.allOf"],
  ])("refuses %j by the name of what it cannot hold", (schema, path) => {
    expect(() => grammarOfSchema(schema)).toThrow(
      expect.objectContaining({ code: "unsupported_field", message: expect.stringContaining(path) }),
    );
  });

  it.each([
    [{ type: "strin" }],
    [{ $ref: "#/nowhere" }],
    [{ $ref: "http://elsewhere" }],
    [{ type: "object", required: ["a"] }],
    [{ enum: [] }],
    [{ type: "string", minLength: 3, maxLength: 2 }],
    [{ type: "array", items: 7 }],
  ])("refuses %j as no schema", (schema) => {
    expect(() => grammarOfSchema(schema)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  it("refuses schemas that are nested too deep or too large instead of failing on them", () => {
    let deep: object = { type: "null" };
    for (let i = 0; i < 5000; i++) deep = { type: "array", items: deep };
    expect(() => grammarOfSchema(deep as Record<string, unknown>)).toThrow(/nested/);
    const properties = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p${i}`, { type: "null" }]));
    expect(() => grammarOfSchema({ type: "object", properties })).toThrow(/too large/);
  });
});
