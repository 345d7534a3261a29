import { GrammarMatcher, type GrammarState } from "./matcher.js";
import type { GrammarProgram } from "./program.js";

/** Whether a text is one that a grammar describes, for tests. */
export function matches(program: GrammarProgram, text: string): boolean {
  const matcher = new GrammarMatcher(program);
  matcher.grant(1e9);
  let state: GrammarState | null = matcher.start;
  for (const byte of Buffer.from(text)) {
    state = matcher.step(state, byte);
    if (state === null) return false;
  }
  return state.accepting;
}
