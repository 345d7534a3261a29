import type { Sequence } from "./request.js";
import type { SlotChange } from "./step.js";

/** Fewer cells than this are computed again: to keep or copy them would take prompts of equal length apart for little. */
const MIN_REUSED_TOKENS = 4;

/** A copy takes all the cells of a slot along. At up to so many for each that is wanted, it costs less than computing. */
const MOST_CELLS_PER_REUSED = 16;

/** A prefix of this length is worth the copy of any slot, and worth waiting for while another sequence computes it. */
export const LONG_PREFIX_TOKENS = 16;

/** A prefix that some slot holds already. */
export interface SharedPrefix {
  readonly slot: number;
  readonly length: number;
}

/** The tokens whose cells a slot holds. */
interface Cells {
  readonly tokens: readonly number[];
  readonly count: number;
  /** When they were left here, as a number that rises; −1: never. */
  readonly leftAt: number;
}

const NO_CELLS: Cells = { tokens: [], count: 0, leftAt: -1 };

/** A slot that holds the first `kept` cells of a sequence that is to run. */
interface Place {
  readonly sequence: Sequence;
  readonly slot: number;
  readonly kept: number;
}

/**
 * Who holds which slot, and what cells lie in the slots that nobody holds any more.
 *
 * The engine computes rows together only while their slots rise by exactly one. So a new sequence gets the lowest gap
 * between running ones, else a slot next to them, and `compact` moves sequences into the gaps that remain.
 */
export class Slots {
  readonly #holders: (Sequence | undefined)[];
  /** Of slots that nobody holds. A held slot's cells are its sequence's first `computed` tokens. */
  readonly #leftovers: Cells[];
  readonly #changes: SlotChange[];
  #releases = 0;

  constructor(readonly size: number) {
    this.#holders = new Array(size).fill(undefined);
    this.#leftovers = new Array(size).fill(NO_CELLS);
    // The engine may have served another scheduler before.
    this.#changes = Array.from({ length: size }, (_, slot) => ({ kind: "trim", slot, keep: 0 }));
  }

  get free(): number {
    let free = 0;
    for (const holder of this.#holders) if (holder === undefined) free++;
    return free;
  }

  /** The holders, sorted by slot. */
  held(): Sequence[] {
    return this.#holders.filter((holder) => holder !== undefined);
  }

  /** Hands over the changes since the last call: the engine makes them before the next rows. */
  takeChanges(): SlotChange[] {
    return this.#changes.splice(0);
  }

  /** Reserves a slot for a sequence, near the cells of `prefix` when nothing runs; `settle` decides where it runs. */
  assign(sequence: Sequence, prefix?: SharedPrefix): void {
    const slot = this.#chooseFree(prefix);
    this.#holders[slot] = sequence;
    sequence.slot = slot;
    sequence.computed = 0;
  }

  /**
   * Lets sequences that were just assigned change places among themselves. With `reuses` each goes where most of its first
   * cells lie already, and whoever finds none there gets them copied from another slot. Those that find no place of their
   * own are put in order of what they have to compute: rows of unequal length split a step, once for each run of neighbours
   * that has tokens left.
   */
  settle(assigned: readonly Sequence[], reuses: boolean): void {
    const free = new Set(this.#placesFor(assigned));
    for (const { slot } of assigned) this.#holders[slot] = undefined;
    const prefixOf = (sequence: Sequence) => (reuses ? this.longestPrefix(sequence.tokens) : undefined);
    const waiting = new Map(assigned.map((sequence) => [sequence, prefixOf(sequence)?.length ?? 0]));
    for (const { sequence, slot, kept } of reuses ? this.#keepable(waiting, free) : []) {
      if (!waiting.has(sequence) || !free.has(slot)) continue;
      waiting.delete(sequence);
      free.delete(slot);
      this.#keepCells(sequence, slot, kept);
    }
    const toCompute = (sequence: Sequence) => sequence.tokens.length - waiting.get(sequence)!;
    const left = free.values();
    for (const sequence of [...waiting.keys()].sort((a, b) => toCompute(a) - toCompute(b))) {
      const prefix = prefixOf(sequence);
      const slot = left.next().value!;
      if (prefix === undefined) this.#keepCells(sequence, slot, 0);
      else this.#copyCells(sequence, slot, prefix);
    }
  }

  /** Takes the slot away; its cells stay until somebody needs it. */
  release(sequence: Sequence): void {
    const { slot, tokens } = sequence;
    // The newest token was never computed, and what a padded row computed after its end is nobody's text.
    const count = Math.max(0, Math.min(sequence.computed, tokens.length - 1));
    this.#holders[slot] = undefined;
    this.#leftovers[slot] = { tokens, count, leftAt: this.#releases++ };
    if (sequence.computed > count) this.#changes.push({ kind: "trim", slot, keep: count });
    sequence.slot = -1;
  }

  /** Forgets the cells of a slot whose contents are in doubt after a failed step. */
  discard(slot: number): void {
    this.#leftovers[slot] = NO_CELLS;
    this.#changes.push({ kind: "trim", slot, keep: 0 });
  }

  /**
   * Moves sequences so that the held slots follow each other without a gap, with the fewest moves: the window of as many
   * slots as there are sequences that already holds most of them stays, the others move in.
   *
   * @returns how many sequences moved
   */
  compact(): number {
    const held = this.held();
    if (held.length === 0 || held.at(-1)!.slot - held[0]!.slot < held.length) return 0;
    const first = this.#densestWindow(held);
    const outside = held.filter(({ slot }) => slot < first || slot >= first + held.length);
    let gap = first;
    for (const sequence of outside) {
      while (this.#holders[gap] !== undefined) gap++;
      this.#move(sequence, gap);
    }
    return outside.length;
  }

  /** The longest prefix of `tokens` whose cells lie in some slot, if it is worth a copy; of several, the cheapest. */
  longestPrefix(tokens: readonly number[]): SharedPrefix | undefined {
    let best: SharedPrefix | undefined;
    let copied = 0;
    for (let slot = 0; slot < this.size; slot++) {
      const holder = this.#holders[slot];
      const cells = holder === undefined ? this.#leftovers[slot]! : { tokens: holder.tokens, count: holder.computed };
      const length = commonPrefix(tokens, cells.tokens, cells.count);
      const better = length > (best?.length ?? 0) || (length === best?.length && cells.count < copied);
      if (!better || !isWorthACopy(length, cells.count)) continue;
      best = { slot, length };
      copied = cells.count;
    }
    return best;
  }

  /** The longest prefix that a running sequence knows and may still be computing, of those worth waiting for. */
  comingPrefix(tokens: readonly number[], isAwaited: (holder: Sequence) => boolean): number {
    let longest = 0;
    for (const holder of this.#holders) {
      if (holder === undefined || holder.pending <= 1 || !isAwaited(holder)) continue;
      longest = Math.max(longest, commonPrefix(tokens, holder.tokens, holder.tokens.length));
    }
    return longest;
  }

  /**
   * Slots that sequences may be settled in: their own, in order. A sequence that runs alone has no neighbours to keep to
   * and may go anywhere, to cells of its own or else to those that were left longest ago.
   */
  #placesFor(assigned: readonly Sequence[]): number[] {
    const alone = assigned.length === 1 && this.free === this.size - 1;
    if (!alone) return assigned.map(({ slot }) => slot).sort((a, b) => a - b);
    const age = (slot: number) => this.#leftovers[slot]!.leftAt;
    return Array.from(this.#holders.keys()).sort((a, b) => age(a) - age(b) || a - b);
  }

  /** Where cells can stay, most of them first. Not where another slot has so many more that a copy is worth it. */
  #keepable(longest: ReadonlyMap<Sequence, number>, slots: ReadonlySet<number>): Place[] {
    const places: Place[] = [];
    for (const [sequence, elsewhere] of longest) {
      for (const slot of slots) {
        const { tokens, count } = this.#leftovers[slot]!;
        const kept = commonPrefix(sequence.tokens, tokens, count);
        if (kept >= MIN_REUSED_TOKENS && elsewhere < kept + MIN_REUSED_TOKENS) places.push({ sequence, slot, kept });
      }
    }
    return places.sort((a, b) => b.kept - a.kept);
  }

  #keepCells(sequence: Sequence, slot: number, kept: number): void {
    if (this.#leftovers[slot]!.count > kept) this.#changes.push({ kind: "trim", slot, keep: kept });
    this.#hold(sequence, slot, kept);
  }

  #copyCells(sequence: Sequence, slot: number, { slot: from, length }: SharedPrefix): void {
    if (from === slot) this.#keepCells(sequence, slot, length);
    else {
      this.#changes.push({ kind: "copy", from, to: slot, keep: length });
      this.#hold(sequence, slot, length);
    }
  }

  #hold(sequence: Sequence, slot: number, computed: number): void {
    this.#holders[slot] = sequence;
    sequence.slot = slot;
    sequence.computed = computed;
    this.#leftovers[slot] = NO_CELLS;
  }

  #chooseFree(prefix: SharedPrefix | undefined): number {
    const first = this.#holders.findIndex((holder) => holder !== undefined);
    if (first < 0) return prefix?.slot ?? 0;
    const gap = this.#holders.indexOf(undefined, first);
    return gap >= 0 ? gap : first - 1;
  }

  #densestWindow(held: readonly Sequence[]): number {
    let best = 0;
    let bestInside = -1;
    for (let first = 0; first + held.length <= this.size; first++) {
      let inside = 0;
      for (let slot = first; slot < first + held.length; slot++) if (this.#holders[slot] !== undefined) inside++;
      if (inside > bestInside) {
        best = first;
        bestInside = inside;
      }
    }
    return best;
  }

  #move(sequence: Sequence, to: number): void {
    const from = sequence.slot;
    if (sequence.computed > 0) this.#changes.push({ kind: "move", from, to });
    else if (this.#leftovers[to]!.count > 0) this.#changes.push({ kind: "trim", slot: to, keep: 0 });
    this.#holders[from] = undefined;
    this.#leftovers[from] = NO_CELLS;
    this.#leftovers[to] = NO_CELLS;
    this.#holders[to] = sequence;
    sequence.slot = to;
  }
}

function isWorthACopy(wanted: number, copied: number): boolean {
  return wanted >= LONG_PREFIX_TOKENS || (wanted >= MIN_REUSED_TOKENS && copied <= wanted * MOST_CELLS_PER_REUSED);
}

/** How many leading tokens two lists share, at most `limit`; the last token of `tokens` always remains to be computed. */
function commonPrefix(tokens: readonly number[], other: readonly number[], limit: number): number {
  const most = Math.min(tokens.length - 1, limit);
  let length = 0;
  while (length < most && tokens[length] === other[length]) length++;
  return length;
}
