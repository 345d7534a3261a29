import type { Sequence } from "../request.js";
import type { SlotChange } from "../step.js";
import type { Cells } from "./cells.js";
import {
  commonPrefix,
  LONG_PREFIX_TOKENS,
  longestPrefix,
  MIN_REUSED_TOKENS,
  type SharedPrefix,
  type SlotCells,
} from "./prefixes.js";

export interface DenseOptions {
  readonly slots: number;
  /** Tokens that fit into one slot. */
  readonly contextSize: number;
  /** Cells of a shared prefix are taken over instead of computed again. */
  readonly reusesPrefixes: boolean;
  /** Running sequences are moved so that their slots follow each other. */
  readonly compactSlots: boolean;
}

/** Cells that were left in a slot. */
interface Leftover extends SlotCells {
  /** When they were left here, as a number that rises; −1: never. */
  readonly leftAt: number;
}

const NO_CELLS: Leftover = { tokens: [], count: 0, leftAt: -1 };

/** A slot that holds the first `kept` cells of a sequence that is to run. */
interface Place {
  readonly sequence: Sequence;
  readonly slot: number;
  readonly kept: number;
}

/**
 * Cells as llama.cpp keeps them: each sequence has a slot of its own, as long as the context. Whoever has a slot grows.
 *
 * The engine computes rows together only while their slots rise by exactly one. So a new sequence gets the lowest gap
 * between running ones, else a slot next to them, and `arrange` moves sequences into the gaps that remain. A slot that
 * nobody holds keeps its cells until somebody needs it.
 */
export class DenseCells implements Cells {
  readonly #options: DenseOptions;
  readonly #holders: (Sequence | undefined)[];
  /** Of slots that nobody holds. A held slot's cells are its sequence's first `computed` tokens. */
  readonly #leftovers: Leftover[];
  readonly #changes: SlotChange[];
  /** Started and not yet settled. */
  #started: Sequence[] = [];
  #releases = 0;

  constructor(options: DenseOptions) {
    const { slots } = options;
    this.#options = options;
    this.#holders = new Array(slots).fill(undefined);
    this.#leftovers = new Array(slots).fill(NO_CELLS);
    // The engine may have served another scheduler before.
    this.#changes = Array.from({ length: slots }, (_, slot) => ({ kind: "trim", slot, keep: 0 }));
  }

  get free(): number {
    let free = 0;
    for (const holder of this.#holders) if (holder === undefined) free++;
    return free;
  }

  get usage(): number {
    let cells = 0;
    for (const holder of this.#holders) if (holder !== undefined) cells += holder.computed;
    return cells / (this.#options.slots * this.#options.contextSize);
  }

  canStart(_sequence: Sequence): boolean {
    return this.#holders.includes(undefined);
  }

  isPrefixComing({ tokens }: Sequence, isAwaited: (holder: Sequence) => boolean): boolean {
    if (!this.#options.reusesPrefixes) return false;
    let coming = 0;
    for (const holder of this.#holders) {
      if (holder === undefined || holder.pending <= 1 || !isAwaited(holder)) continue;
      coming = Math.max(coming, commonPrefix(tokens, holder.tokens, holder.tokens.length));
    }
    if (coming < LONG_PREFIX_TOKENS) return false;
    return coming >= (this.#longestPrefix(tokens)?.length ?? 0) + LONG_PREFIX_TOKENS;
  }

  /** Reserves a slot, near cells of its own when nothing runs. */
  start(sequence: Sequence): void {
    const slot = this.#chooseFree(sequence);
    this.#holders[slot] = sequence;
    sequence.slot = slot;
    sequence.computed = 0;
    this.#started.push(sequence);
  }

  /**
   * Lets sequences that were just started change places among themselves. With prefixes each goes where most of its first
   * cells lie already, and whoever finds none there gets them copied from another slot. Those that find no place of their
   * own are put in order of what they have to compute: rows of unequal length split a step, once for each run of neighbours
   * that has tokens left.
   */
  settle(): void {
    const started = this.#started;
    if (started.length === 0) return;
    this.#started = [];
    const free = new Set(this.#placesFor(started));
    for (const { slot } of started) this.#holders[slot] = undefined;
    const prefixes = new Map(started.map((sequence) => [sequence, this.#longestPrefix(sequence.tokens)]));
    for (const { sequence, slot, kept } of this.#keepable(prefixes, free)) {
      if (!prefixes.has(sequence) || !free.has(slot)) continue;
      prefixes.delete(sequence);
      free.delete(slot);
      this.#keepCells(sequence, slot, kept);
    }
    const toCompute = (sequence: Sequence) => sequence.tokens.length - (prefixes.get(sequence)?.length ?? 0);
    const left = free.values();
    for (const sequence of [...prefixes.keys()].sort((a, b) => toCompute(a) - toCompute(b))) {
      // Another may have taken the slot that held them.
      const prefix = this.#longestPrefix(sequence.tokens);
      const slot = left.next().value!;
      if (prefix === undefined) this.#keepCells(sequence, slot, 0);
      else this.#copyCells(sequence, slot, prefix);
    }
  }

  grow(_sequence: Sequence, cells: number): boolean {
    return cells <= this.#options.contextSize;
  }

  release(sequence: Sequence): void {
    const { slot, tokens } = sequence;
    // The newest token was never computed, and what a padded row computed after its end is nobody's text.
    const count = Math.max(0, Math.min(sequence.computed, tokens.length - 1));
    this.#holders[slot] = undefined;
    this.#leftovers[slot] = { tokens, count, leftAt: this.#releases++ };
    if (sequence.computed > count) this.#changes.push({ kind: "trim", slot, keep: count });
    sequence.slot = -1;
  }

  discard(slot: number): void {
    this.#leftovers[slot] = NO_CELLS;
    this.#changes.push({ kind: "trim", slot, keep: 0 });
  }

  /**
   * Moves sequences so that the held slots follow each other without a gap, with the fewest moves: the window of as many
   * slots as there are sequences that already holds most of them stays, the others move in.
   */
  arrange(): number {
    if (!this.#options.compactSlots) return 0;
    const held = this.#holders.filter((holder) => holder !== undefined);
    if (held.length === 0 || held.at(-1)!.slot - held[0]!.slot < held.length) return 0;
    const first = this.#densestWindow(held.length);
    const outside = held.filter(({ slot }) => slot < first || slot >= first + held.length);
    let gap = first;
    for (const sequence of outside) {
      while (this.#holders[gap] !== undefined) gap++;
      this.#move(sequence, gap);
    }
    return outside.length;
  }

  takeChanges(): SlotChange[] {
    return this.#changes.splice(0);
  }

  #longestPrefix(tokens: readonly number[]): SharedPrefix | undefined {
    return this.#options.reusesPrefixes ? longestPrefix(tokens, this.#contents()) : undefined;
  }

  /** What every slot holds, in their order. */
  #contents(): SlotCells[] {
    return this.#holders.map((holder, slot) =>
      holder === undefined ? this.#leftovers[slot]! : { tokens: holder.tokens, count: holder.computed },
    );
  }

  /**
   * Slots that sequences may be settled in: their own, in order. A sequence that runs alone has no neighbours to keep to
   * and may go anywhere, to cells of its own or else to those that were left longest ago.
   */
  #placesFor(started: readonly Sequence[]): number[] {
    const alone = started.length === 1 && this.free === this.#options.slots - 1;
    if (!alone) return started.map(({ slot }) => slot).sort((a, b) => a - b);
    const age = (slot: number) => this.#leftovers[slot]!.leftAt;
    return Array.from(this.#holders.keys()).sort((a, b) => age(a) - age(b) || a - b);
  }

  /** Where cells can stay, most of them first. Not where another slot has so many more that a copy is worth it. */
  #keepable(prefixes: ReadonlyMap<Sequence, SharedPrefix | undefined>, slots: ReadonlySet<number>): Place[] {
    if (!this.#options.reusesPrefixes) return [];
    const places: Place[] = [];
    for (const [sequence, elsewhere] of prefixes) {
      for (const slot of slots) {
        const { tokens, count } = this.#leftovers[slot]!;
        const kept = commonPrefix(sequence.tokens, tokens, count);
        const most = kept + MIN_REUSED_TOKENS;
        if (kept >= MIN_REUSED_TOKENS && (elsewhere?.length ?? 0) < most) places.push({ sequence, slot, kept });
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

  #chooseFree({ tokens }: Sequence): number {
    const first = this.#holders.findIndex((holder) => holder !== undefined);
    if (first < 0) return this.#longestPrefix(tokens)?.slot ?? 0;
    const gap = this.#holders.indexOf(undefined, first);
    return gap >= 0 ? gap : first - 1;
  }

  #densestWindow(length: number): number {
    let best = 0;
    let bestInside = -1;
    for (let first = 0; first + length <= this.#holders.length; first++) {
      let inside = 0;
      for (let slot = first; slot < first + length; slot++) if (this.#holders[slot] !== undefined) inside++;
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
