/** What a template is made of. */

export type Expression = { readonly line: number } & (
  | { readonly kind: "constant"; readonly value: null | boolean | number | string }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list" | "tuple"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "item"; readonly of: Expression; readonly index: Expression }
  | { readonly kind: "slice"; readonly of: Expression; readonly bounds: readonly (Expression | undefined)[] }
  | { readonly kind: "call"; readonly callee: Expression; readonly args: CallArguments }
  /** `of` is undefined at the head of a filter block. */
  | {
      readonly kind: "filter";
      readonly of: Expression | undefined;
      readonly name: string;
      readonly args: CallArguments;
    }
  | { readonly kind: "test"; readonly of: Expression; readonly name: string; readonly args: CallArguments }
  | { readonly kind: "unary"; readonly operator: "not" | "-" | "+"; readonly of: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "logic"; readonly operator: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "compare"; readonly first: Expression; readonly rest: readonly (readonly [string, Expression])[] }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | {
      readonly kind: "condition";
      readonly test: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | undefined;
    }
);

export interface CallArguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  readonly restPositional: Expression | undefined;
  readonly restNamed: Expression | undefined;
}

/** Where a value goes: a name, a field of a namespace, or several names. */
export type Target =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "field"; readonly namespace: string; readonly name: string }
  | { readonly kind: "targets"; readonly items: readonly Target[] };

export interface Parameter {
  readonly name: string;
  readonly fallback: Expression | undefined;
}

export interface MacroBody {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

export type Statement = { readonly line: number } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly branches: readonly (readonly [Expression, readonly Statement[]])[];
      readonly else: readonly Statement[];
    }
  | {
      readonly kind: "for";
      readonly target: Target;
      readonly over: Expression;
      readonly condition: Expression | undefined;
      readonly recursive: boolean;
      readonly body: readonly Statement[];
      readonly else: readonly Statement[];
    }
  | { readonly kind: "set"; readonly target: Target; readonly value: Expression }
  | {
      readonly kind: "capture";
      readonly target: Target;
      readonly filter: Expression | undefined;
      readonly body: readonly Statement[];
    }
  | ({ readonly kind: "macro" } & MacroBody)
  | { readonly kind: "callBlock"; readonly call: Expression; readonly caller: MacroBody }
  | { readonly kind: "filterBlock"; readonly filter: Expression; readonly body: readonly Statement[] }
  | {
      readonly kind: "with";
      readonly values: readonly (readonly [Target, Expression])[];
      readonly body: readonly Statement[];
    }
  /** `block`, `generation` and `autoescape`, which change nothing in a chat. */
  | { readonly kind: "group"; readonly body: readonly Statement[] }
  | { readonly kind: "break" | "continue" }
);
