/** `for`, with `loop` as jinja2 has it. */

import type { Expression, Statement, Target } from "./ast.js";
import { TemplateError } from "./errors.js";
import { spend } from "./meter.js";
import { Scope } from "./scope.js";
import { isTrue, itemsOf, LoopState, type Value } from "./values.js";

/** A turn of a loop costs more than other steps: it has names of its own. */
const ITERATION_STEPS = 4;

/** How a list of statements ended. */
export type Ending = "end" | "break" | "continue";

/** What a loop needs of the interpreter. */
interface Interpreter {
  evaluate(expression: Expression, scope: Scope): Value;
  assign(target: Target, value: Value, scope: Scope): void;
  run(body: readonly Statement[], scope: Scope): Ending;
  capture(write: () => void): string;
}

type Loop = Extract<Statement, { kind: "for" }>;

export function runLoop(interpreter: Interpreter, loop: Loop, scope: Scope): Ending {
  runOver(interpreter, loop, interpreter.evaluate(loop.over, scope), scope, 0);
  return "end";
}

function runOver(interpreter: Interpreter, loop: Loop, over: Value, scope: Scope, depth: number): void {
  const items = chosen(interpreter, loop, itemsOf(over), scope);
  if (items.length === 0) {
    interpreter.run(loop.else, scope);
    return;
  }
  const recurse = (value: Value): Value => {
    if (!loop.recursive) throw new TemplateError("the loop is not recursive");
    return interpreter.capture(() => runOver(interpreter, loop, value, scope, depth + 1));
  };
  const state = new LoopState(items, depth, recurse);
  for (const item of items) {
    const inner = new Scope(scope);
    inner.set("loop", state);
    interpreter.assign(loop.target, item, inner);
    spend(ITERATION_STEPS);
    if (interpreter.run(loop.body, inner) === "break") return;
    state.index++;
  }
}

/** What the loop's own `if` lets through: `loop` counts only these. */
function chosen(interpreter: Interpreter, loop: Loop, items: readonly Value[], scope: Scope): readonly Value[] {
  const { condition } = loop;
  if (condition === undefined) return items;
  return items.filter((item) => {
    const inner = new Scope(scope);
    interpreter.assign(loop.target, item, inner);
    return isTrue(interpreter.evaluate(condition, inner));
  });
}
