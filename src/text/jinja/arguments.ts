import { TemplateError } from "./errors.js";
import { type Arguments, typeName, type Value } from "./values.js";

/** Reads the arguments of a call by position or by name, as Python binds them. */
export class ArgumentReader {
  #used = 0;

  /**
   * @param names of the parameters, in order
   * @throws TemplateError for arguments that no parameter takes
   */
  constructor(
    private readonly of: string,
    private readonly args: Arguments,
    private readonly names: readonly string[],
  ) {
    if (args.positional.length > names.length) {
      throw new TemplateError(`${of} takes ${names.length} arguments, ${args.positional.length} were given`);
    }
    const unknown = [...args.named.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) throw new TemplateError(`${of} has no argument ${unknown}`);
  }

  /** The next parameter's value. */
  next(): Value | undefined {
    const at = this.#used++;
    return at < this.args.positional.length ? this.args.positional[at] : this.args.named.get(this.names[at]!);
  }

  required(): Value {
    const value = this.next();
    if (value === undefined) throw new TemplateError(`${this.of} misses its argument ${this.names[this.#used - 1]}`);
    return value;
  }

  text(): string | undefined {
    const value = this.next();
    if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
    throw this.#wrongType("a string", value);
  }

  requiredText(): string {
    const value = this.required();
    if (typeof value === "string") return value;
    throw this.#wrongType("a string", value);
  }

  whole(fallback: number): number {
    const value = this.next() ?? fallback;
    if (typeof value === "boolean") return Number(value);
    if (typeof value === "number") return value;
    throw this.#wrongType("a whole number", value);
  }

  #wrongType(wanted: string, value: Value): TemplateError {
    return new TemplateError(`${this.of}: ${this.names[this.#used - 1]} is ${wanted}, not ${typeName(value)}`);
  }
}
