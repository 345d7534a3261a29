/** What is wrong with a template, or with what it was given. */
export class TemplateError extends Error {
  override readonly name: string = "TemplateError";
  /** It was ended because it takes too many steps. */
  readonly isEndless: boolean = false;

  /** @param line of the template; undefined: of no place in particular */
  constructor(
    readonly reason: string,
    readonly line?: number,
  ) {
    super(line === undefined ? reason : `line ${line}: ${reason}`);
  }

  /** The same with its place. */
  at(line: number): TemplateError {
    return new (this.constructor as typeof TemplateError)(this.reason, line);
  }
}

/** The template itself has given up: `raise_exception`. */
export class RaisedError extends TemplateError {}

/** The budget is used up. */
export class EndlessError extends TemplateError {
  override readonly isEndless = true;
}
