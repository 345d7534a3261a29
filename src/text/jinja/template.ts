/** Jinja as transformers sets it up for chat templates: blocks trimmed, a sandbox, loop controls and a few functions. */

import { ArgumentReader } from "./arguments.js";
import type { Statement } from "./ast.js";
import { RaisedError, TemplateError } from "./errors.js";
import { Interpreter } from "./interpreter.js";
import { spend, withBudget } from "./meter.js";
import { parse } from "./parser.js";
import { Scope } from "./scope.js";
import { strftime } from "./strftime.js";
import { type Arguments, Callable, Namespace, textOf, toValue, type Value } from "./values.js";

export interface RenderOptions {
  /** Steps after which a rendering is ended. */
  readonly budget: number;
  readonly now: Date;
}

export class Template {
  readonly #body: readonly Statement[];

  /** @throws TemplateError with the line of what is wrong */
  constructor(source: string) {
    this.#body = parse(source);
  }

  /**
   * @param context plain data by name
   * @throws RaisedError when the template refuses it; TemplateError when it fails or costs too much
   */
  render(context: Readonly<Record<string, unknown>>, { budget, now }: RenderOptions): string {
    const globals = new Scope();
    for (const [name, value] of functions(now)) globals.set(name, value);
    const scope = new Scope(globals);
    for (const [name, value] of Object.entries(context)) if (value !== undefined) scope.set(name, toValue(value));
    try {
      return withBudget(budget, () => new Interpreter().render(this.#body, scope));
    } catch (error) {
      if (error instanceof RangeError)
        throw new TemplateError("it is nested too deeply, or its text grows without end");
      throw error;
    }
  }
}

function functions(now: Date): [string, Value][] {
  const define = (name: string, names: readonly string[], call: (args: ArgumentReader) => Value): [string, Value] => [
    name,
    new Callable(name, (given) => call(new ArgumentReader(name, given, names))),
  ];
  return [
    define("raise_exception", ["message"], (args) => {
      throw new RaisedError(textOf(args.required()));
    }),
    define("strftime_now", ["format"], (args) => strftime(now, args.requiredText())),
    define("range", ["start", "stop", "step"], (args) => range(args)),
    ["namespace", new Callable("namespace", namespace)],
    ["dict", new Callable("dict", ({ named, positional }) => new Map([...entriesOf(positional[0]), ...named]))],
    ["cycler", new Callable("cycler", cycler)],
    ["joiner", new Callable("joiner", joiner)],
  ];
}

function range(args: ArgumentReader): Value {
  const first = args.whole(0);
  const second = args.next();
  const step = args.whole(1);
  if (step === 0) throw new TemplateError("range: the step cannot be zero");
  const [start, stop] = second === undefined ? [0, first] : [first, Number(second)];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  spend(length);
  return Array.from({ length }, (_, at) => start + at * step);
}

function namespace({ positional, named }: Arguments): Value {
  const made = new Namespace();
  for (const [name, value] of [...entriesOf(positional[0]), ...named]) made.fields.set(textOf(name), value);
  return made;
}

function entriesOf(value: Value | undefined): Iterable<[Value, Value]> {
  return value instanceof Map ? value : [];
}

function cycler({ positional }: Arguments): Value {
  const made = new Namespace();
  let at = 0;
  const here = (): Value => positional[at % positional.length] ?? null;
  made.fields.set("current", here());
  made.fields.set(
    "next",
    new Callable("next", () => {
      const item = here();
      at++;
      made.fields.set("current", here());
      return item;
    }),
  );
  return made;
}

function joiner({ positional }: Arguments): Value {
  let used = false;
  return new Callable("joiner", () => {
    if (used) return positional[0] ?? ", ";
    used = true;
    return "";
  });
}
