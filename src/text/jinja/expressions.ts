/** The grammar of expressions, in jinja2's order of precedence. */
import type { CallArguments, Expression } from "./ast.js";
import { TemplateError } from "./errors.js";
import type { TokenStream } from "./token-stream.js";

const CONSTANTS: Readonly<Record<string, null | boolean>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="] as const;

/** An expression; `withCondition` allows `a if b else c`. */
export function parseExpression(stream: TokenStream, withCondition = true): Expression {
  return withCondition ? parseCondition(stream) : parseOr(stream);
}

/** Expressions with commas between them are a tuple. @param ends names that end it */
export function parseTuple(
  stream: TokenStream,
  withCondition = true,
  ends: readonly string[] = [],
  inParentheses = false,
): Expression {
  const { line } = stream;
  const items: Expression[] = [];
  let isTuple = false;
  const ended = (): boolean =>
    stream.is("variable_end") || stream.is("block_end") || stream.isOperator(")") || stream.isName(...ends);
  while (!ended()) {
    items.push(parseExpression(stream, withCondition));
    if (!stream.skip("operator", ",")) break;
    isTuple = true;
  }
  if (!isTuple) {
    const [only] = items;
    if (only !== undefined) return only;
    if (!inParentheses) throw stream.unexpected("an expression");
  }
  return { kind: "tuple", items, line };
}

function parseCondition(stream: TokenStream): Expression {
  let value = parseOr(stream);
  while (stream.isName("if")) {
    const { line } = stream.next();
    const test = parseOr(stream);
    const otherwise = stream.skip("name", "else") ? parseCondition(stream) : undefined;
    value = { kind: "condition", test, value, otherwise, line };
  }
  return value;
}

function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream);
  while (stream.isName("or")) {
    const { line } = stream.next();
    left = { kind: "logic", operator: "or", left, right: parseAnd(stream), line };
  }
  return left;
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream);
  while (stream.isName("and")) {
    const { line } = stream.next();
    left = { kind: "logic", operator: "and", left, right: parseNot(stream), line };
  }
  return left;
}

function parseNot(stream: TokenStream): Expression {
  if (!stream.isName("not")) return parseCompare(stream);
  const { line } = stream.next();
  return { kind: "unary", operator: "not", of: parseNot(stream), line };
}

function parseCompare(stream: TokenStream): Expression {
  const { line } = stream;
  const first = parseSum(stream);
  const rest: [string, Expression][] = [];
  while (true) {
    if (stream.isOperator(...COMPARISONS)) rest.push([stream.next().value, parseSum(stream)]);
    else if (stream.skip("name", "in")) rest.push(["in", parseSum(stream)]);
    else if (stream.isName("not") && stream.ahead.type === "name" && stream.ahead.value === "in") {
      stream.next();
      stream.next();
      rest.push(["not in", parseSum(stream)]);
    } else break;
  }
  return rest.length === 0 ? first : { kind: "compare", first, rest, line };
}

function parseSum(stream: TokenStream): Expression {
  return parseBinary(stream, ["+", "-"], parseConcat);
}

function parseConcat(stream: TokenStream): Expression {
  const { line } = stream;
  const parts = [parseProduct(stream)];
  while (stream.skip("operator", "~")) parts.push(parseProduct(stream));
  return parts.length === 1 ? parts[0]! : { kind: "concat", parts, line };
}

function parseProduct(stream: TokenStream): Expression {
  return parseBinary(stream, ["*", "/", "//", "%"], parsePower);
}

function parsePower(stream: TokenStream): Expression {
  return parseBinary(stream, ["**"], parseUnary);
}

function parseBinary(
  stream: TokenStream,
  operators: readonly string[],
  parseOperand: (stream: TokenStream) => Expression,
): Expression {
  let left = parseOperand(stream);
  while (stream.isOperator(...operators)) {
    const { value: operator, line } = stream.next();
    left = { kind: "binary", operator, left, right: parseOperand(stream), line };
  }
  return left;
}

function parseUnary(stream: TokenStream): Expression {
  return parseFilters(stream, parsePlainUnary(stream));
}

/** Filters bind less tightly than a sign: -1|abs is (-1)|abs. */
function parsePlainUnary(stream: TokenStream): Expression {
  if (!stream.isOperator("-", "+")) return parsePostfix(stream, parsePrimary(stream));
  const { value, line } = stream.next();
  return parsePostfix(stream, { kind: "unary", operator: value as "-" | "+", of: parsePlainUnary(stream), line });
}

function parsePrimary(stream: TokenStream): Expression {
  const { type, value, line } = stream.current;
  if (type === "name") {
    stream.next();
    if (Object.hasOwn(CONSTANTS, value)) return { kind: "constant", value: CONSTANTS[value]!, line };
    return { kind: "name", name: value, line };
  }
  if (type === "string") {
    let text = "";
    while (stream.is("string")) text += decodeEscapes(stream.next().value.slice(1, -1));
    return { kind: "constant", value: text, line };
  }
  if (type === "integer") return { kind: "constant", value: Number(stream.next().value.replaceAll("_", "")), line };
  if (type === "float") return { kind: "float", value: Number(stream.next().value.replaceAll("_", "")), line };
  if (stream.skip("operator", "(")) {
    const inside = parseTuple(stream, true, [], true);
    stream.expect("operator", ")");
    return inside;
  }
  if (stream.skip("operator", "[")) {
    return { kind: "list", items: parseItems(stream, "]", () => parseExpression(stream)), line };
  }
  if (stream.skip("operator", "{")) {
    const entries = parseItems(stream, "}", (): [Expression, Expression] => {
      const key = parseExpression(stream);
      stream.expect("operator", ":");
      return [key, parseExpression(stream)];
    });
    return { kind: "dict", entries, line };
  }
  throw stream.unexpected("an expression");
}

function parseItems<T>(stream: TokenStream, end: string, parseItem: () => T): T[] {
  const items: T[] = [];
  while (!stream.isOperator(end)) {
    if (items.length > 0) stream.expect("operator", ",");
    if (stream.isOperator(end)) break;
    items.push(parseItem());
  }
  stream.expect("operator", end);
  return items;
}

function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let value = start;
  while (true) {
    if (stream.isOperator(".", "[")) value = parseSubscript(stream, value);
    else if (stream.isOperator("(")) value = parseCall(stream, value);
    else return value;
  }
}

function parseSubscript(stream: TokenStream, of: Expression): Expression {
  const { value: operator, line } = stream.next();
  if (operator === ".") {
    if (stream.is("integer")) {
      return { kind: "item", of, index: { kind: "constant", value: Number(stream.next().value), line }, line };
    }
    return { kind: "attribute", of, name: stream.expect("name").value, line };
  }
  const bounds: (Expression | undefined)[] = [];
  let colons = 0;
  while (!stream.isOperator("]")) {
    if (stream.skip("operator", ":")) colons++;
    else if (bounds[colons] === undefined) bounds[colons] = parseExpression(stream);
    else throw stream.unexpected('"]"');
  }
  stream.next();
  if (colons > 0) return { kind: "slice", of, bounds, line };
  const [index] = bounds;
  if (index === undefined) throw new TemplateError("an index is missing", line);
  return { kind: "item", of, index, line };
}

function parseCall(stream: TokenStream, callee: Expression): Expression {
  const { line } = stream;
  return { kind: "call", callee, args: parseArguments(stream), line };
}

export const NO_ARGUMENTS: CallArguments = {
  positional: [],
  named: [],
  restPositional: undefined,
  restNamed: undefined,
};

function parseArguments(stream: TokenStream): CallArguments {
  stream.expect("operator", "(");
  const positional: Expression[] = [];
  const named: [string, Expression][] = [];
  let restPositional: Expression | undefined;
  let restNamed: Expression | undefined;
  parseItems(stream, ")", () => {
    if (stream.skip("operator", "*")) restPositional = parseExpression(stream);
    else if (stream.skip("operator", "**")) restNamed = parseExpression(stream);
    else if (stream.is("name") && stream.ahead.type === "operator" && stream.ahead.value === "=") {
      const name = stream.next().value;
      stream.next();
      named.push([name, parseExpression(stream)]);
    } else positional.push(parseExpression(stream));
  });
  return { positional, named, restPositional, restNamed };
}

function parseFilters(stream: TokenStream, start: Expression): Expression {
  let value = start;
  while (true) {
    if (stream.isOperator("|")) value = parseFilter(stream, value);
    else if (stream.isName("is")) value = parseTest(stream, value);
    else if (stream.isOperator("(")) value = parseCall(stream, value);
    else return value;
  }
}

/** One filter after a "|", or without it at the head of a block. */
export function parseFilter(stream: TokenStream, of: Expression | undefined): Expression {
  stream.skip("operator", "|");
  const { line } = stream;
  const name = parseDotted(stream);
  return { kind: "filter", of, name, args: stream.isOperator("(") ? parseArguments(stream) : NO_ARGUMENTS, line };
}

/** Names that go on with the sentence after a test instead of being what it is asked about. */
const AFTER_TEST = ["else", "or", "and", "is", "if", "in", "not", "recursive"];

function parseTest(stream: TokenStream, of: Expression): Expression {
  const { line } = stream.next();
  const negated = stream.skip("name", "not");
  const name = parseDotted(stream);
  let args = NO_ARGUMENTS;
  if (stream.isOperator("(")) args = parseArguments(stream);
  else if (
    (stream.is("name") && !stream.isName(...AFTER_TEST)) ||
    stream.is("string") ||
    stream.is("integer") ||
    stream.is("float") ||
    stream.isOperator("[", "{")
  ) {
    args = { ...NO_ARGUMENTS, positional: [parsePostfix(stream, parsePrimary(stream))] };
  }
  const test: Expression = { kind: "test", of, name, args, line };
  return negated ? { kind: "unary", operator: "not", of: test, line } : test;
}

function parseDotted(stream: TokenStream): string {
  let name = stream.expect("name").value;
  while (stream.skip("operator", ".")) name += `.${stream.expect("name").value}`;
  return name;
}

const ESCAPE = /\\(?:\n|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\\'"abfnrtv])/g;
const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\n": "",
};

/** Python's escapes; others stay as they are. */
function decodeEscapes(text: string): string {
  return text.replace(ESCAPE, (sequence) => {
    const letter = sequence[1]!;
    if ("xuU".includes(letter)) return String.fromCodePoint(Math.min(Number.parseInt(sequence.slice(2), 16), 0x10ffff));
    if (/[0-7]/.test(letter)) return String.fromCodePoint(Number.parseInt(sequence.slice(1), 8));
    return LETTERS[letter] ?? letter;
  });
}
