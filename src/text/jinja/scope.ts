import { Undefined, type Value } from "./values.js";

/** Names and their values; what is not set here is looked for outside. */
export class Scope {
  readonly #values = new Map<string, Value>();

  constructor(private readonly outer?: Scope) {}

  get(name: string): Value {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.outer) {
      const value = scope.#values.get(name);
      if (value !== undefined) return value;
    }
    return new Undefined(name);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}
