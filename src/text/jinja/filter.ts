/** The contract of a filter. */
import type { ArgumentReader } from "./arguments.js";
import type { Arguments, Value } from "./values.js";

/** What filters may use of the rendering that they run in. */
export interface FilterContext {
  /** Another filter, by name. */
  filter(name: string, value: Value, args: Arguments): Value;
  test(name: string, value: Value, args: readonly Value[]): boolean;
}

export type Filter = (
  value: Value,
  args: (names: readonly string[]) => ArgumentReader,
  context: FilterContext,
  given: Arguments,
) => Value;
