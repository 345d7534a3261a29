import { TemplateError } from "./errors.js";
import type { Token, TokenType } from "./lexer.js";

/** Tokens one after the other, with what a parser asks of them. */
export class TokenStream {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get current(): Token {
    return this.tokens[this.#at]!;
  }

  get ahead(): Token {
    return this.tokens[Math.min(this.#at + 1, this.tokens.length - 1)]!;
  }

  get line(): number {
    return this.current.line;
  }

  next(): Token {
    const token = this.current;
    if (token.type !== "end") this.#at++;
    return token;
  }

  is(type: TokenType, ...values: readonly string[]): boolean {
    return this.current.type === type && (values.length === 0 || values.includes(this.current.value));
  }

  isOperator(...values: readonly string[]): boolean {
    return this.is("operator", ...values);
  }

  isName(...values: readonly string[]): boolean {
    return this.current.type === "name" && values.includes(this.current.value);
  }

  /** Goes over the token if it is this one. */
  skip(type: TokenType, value?: string): boolean {
    const found = this.current.type === type && (value === undefined || this.current.value === value);
    if (found) this.next();
    return found;
  }

  /** @throws TemplateError when another token is here */
  expect(type: TokenType, value?: string): Token {
    if (this.current.type === type && (value === undefined || this.current.value === value)) return this.next();
    throw this.unexpected(value === undefined ? NAMES[type] : `"${value}"`);
  }

  unexpected(wanted: string): TemplateError {
    const { type, value } = this.current;
    const found = value === "" || type === "data" ? NAMES[type] : `"${value.slice(0, 40)}"`;
    return new TemplateError(`${wanted} is wanted here, and ${found} stands there`, this.line);
  }
}

const NAMES: Readonly<Record<TokenType, string>> = {
  data: "text",
  variable_begin: '"{{"',
  variable_end: '"}}"',
  block_begin: '"{%"',
  block_end: '"%}"',
  name: "a name",
  string: "a string",
  integer: "a number",
  float: "a number",
  operator: "an operator",
  end: "the template's end",
};
