/** Cells of a beginning that two sequences share: how long it is, and when it is worth taking over. */

/** Fewer cells than this are computed again: to keep or copy them would take prompts of equal length apart for little. */
export const MIN_REUSED_TOKENS = 4;

/** A copy takes all the cells of a slot along. At up to so many for each that is wanted, it costs less than computing. */
const MOST_CELLS_PER_REUSED = 16;

/** A prefix of this length is worth the copy of any slot, and worth waiting for while another sequence computes it. */
export const LONG_PREFIX_TOKENS = 16;

/** A prefix that some slot holds already. */
export interface SharedPrefix {
  readonly slot: number;
  readonly length: number;
}

/** The tokens whose cells a slot holds: the first `count` of them. */
export interface SlotCells {
  readonly tokens: readonly number[];
  readonly count: number;
}

/** The longest prefix of `tokens` whose cells lie in some slot, if it is worth a copy; of several, the cheapest. */
export function longestPrefix(tokens: readonly number[], slots: Iterable<SlotCells>): SharedPrefix | undefined {
  let best: SharedPrefix | undefined;
  let copied = 0;
  let slot = -1;
  for (const cells of slots) {
    slot++;
    const length = commonPrefix(tokens, cells.tokens, cells.count);
    const better = length > (best?.length ?? 0) || (length === best?.length && cells.count < copied);
    if (!better || !isWorthACopy(length, cells.count)) continue;
    best = { slot, length };
    copied = cells.count;
  }
  return best;
}

/** How many leading tokens two lists share, at most `limit`; the last token of `tokens` always remains to be computed. */
export function commonPrefix(tokens: readonly number[], other: readonly number[], limit: number): number {
  const most = Math.min(tokens.length - 1, limit);
  let length = 0;
  while (length < most && tokens[length] === other[length]) length++;
  return length;
}

function isWorthACopy(wanted: number, copied: number): boolean {
  return wanted >= LONG_PREFIX_TOKENS || (wanted >= MIN_REUSED_TOKENS && copied <= wanted * MOST_CELLS_PER_REUSED);
}
