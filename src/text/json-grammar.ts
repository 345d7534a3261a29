/** GBNF rules for the parts that every JSON grammar is made of. */

/** Rules that schemas refer to. `space` is bounded, so that a model cannot write blanks for ever. */
export const PRIMITIVES: readonly string[] = [
  'space ::= " "?',
  "hex ::= [0-9a-fA-F]",
  'char ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" hex hex hex hex)',
  'string ::= "\\"" char* "\\""',
  'integer ::= "-"? ("0" | [1-9] [0-9]{0,15})',
  'number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
  'boolean ::= "true" | "false"',
  'null ::= "null"',
  'member ::= string ":" space value',
  'object ::= "{" (member ("," space member)*)? "}"',
  'array ::= "[" (value ("," space value)*)? "]"',
  "value ::= object | array | string | number | boolean | null",
];

const DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])';
const TIME =
  '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])';

/** `format` keywords of strings that can be enforced, quotes included. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: `"\\"" ${DATE} "\\""`,
  time: `"\\"" ${TIME} "\\""`,
  "date-time": `"\\"" ${DATE} "T" ${TIME} "\\""`,
  uuid: '"\\"" hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12} "\\""',
};

/** Any JSON object: `response_format: {"type": "json_object"}`. */
export const JSON_GRAMMAR: string = ["root ::= object", ...PRIMITIVES].join("\n");
