import {
  CHOICE,
  EMPTY,
  type GrammarProgram,
  LITERAL,
  NODE_WORDS,
  type ProgramSections,
  REPEAT,
  RULE,
  readProgram,
  SEQUENCE,
  SET,
} from "./program.js";

/**
 * Where a text may stand in a grammar, all ways at once: stacks of frames that are still to be matched, as a tree that
 * shares what they have in common. A frame is a node with a count (of a repetition's rounds, or of a literal's bytes
 * already read): node + count × nodes.
 *
 * Equal sets are one object. So ambiguity does not multiply: however many ways there are to read what was read, those
 * that leave the same to be matched are one, and sets below them are shared.
 */
class StackSet {
  /** The state that the set means; found on first use. */
  state: GrammarState | undefined;

  constructor(
    readonly id: number,
    /** Rising. */
    readonly frames: readonly number[],
    /** What lies under each frame. */
    readonly tails: readonly StackSet[],
    /** Whether the empty stack is among them. */
    readonly bottom: boolean,
  ) {}
}

/** A place in a grammar. Made by {@link GrammarMatcher} as texts come to it, and remembered. */
export class GrammarState {
  /** By byte; null: no text goes on so. Filled as bytes are tried. */
  readonly next: (GrammarState | null | undefined)[] = [];
  /** What a user of the matcher remembers about the state. */
  note: unknown;

  constructor(
    /** Frames that read a byte: sets of bytes and literals. */
    readonly frames: readonly number[],
    readonly tails: readonly StackSet[],
    /** Whether the text may end here. */
    readonly accepting: boolean,
  ) {}
}

/** Thrown when the work that was granted is used up. */
export class OutOfWork extends Error {}

/**
 * What one frame of a new set costs, in the unit of {@link GrammarMatcher.grant}: about one visit of a remembered state, or one
 * look whether a frame reads a byte.
 */
const FRAME_WORK = 32;

/** Remembered states and sets are forgotten beyond this many frames in them, some 100 bytes each. */
const MAX_REMEMBERED_FRAMES = 200_000;

/** A state costs this many frames of memory besides its own. */
const STATE_FRAMES = 10;

/**
 * Follows texts through a grammar, byte by byte. Every state and every step out of it is worked out once. Work is counted,
 * so that whoever serves others beside this grammar can bound it: no call takes longer than what was granted.
 */
export class GrammarMatcher {
  readonly start: GrammarState;
  readonly #program: ProgramSections;
  readonly #sets = new Map<string, StackSet>();
  readonly #states = new Map<string, GrammarState>();
  #remembered = 0;
  #nextId = 0;
  #work = Number.POSITIVE_INFINITY;

  constructor(program: GrammarProgram) {
    this.#program = readProgram(program);
    const bottom = this.#set([], [], true);
    this.start = this.#stateOf(this.#set([this.#program.root], [bottom], false));
    this.#work = 0;
  }

  /** Sets the work that the calls from here on may take. */
  grant(work: number): void {
    this.#work = work;
  }

  /**
   * Takes from the work that was granted.
   * @throws OutOfWork
   */
  spend(work: number): void {
    this.#work -= work;
    if (this.#work < 0) throw new OutOfWork();
  }

  /**
   * The state after one more byte; null when no text goes on so.
   * @throws OutOfWork
   */
  step(state: GrammarState, byte: number): GrammarState | null {
    const known = state.next[byte];
    if (known !== undefined) return known;
    const { nodes, sets, bytes, nodeCount } = this.#program;
    const after = new Union();
    this.spend(1 + state.frames.length);
    for (const [i, frame] of state.frames.entries()) {
      const node = frame % nodeCount;
      const at = node * NODE_WORDS;
      const tail = state.tails[i]!;
      if (nodes[at] === SET) {
        if ((sets[nodes[at + 1]! + (byte >> 5)]! >>> (byte & 31)) & 1) this.#addAll(after, tail);
        continue;
      }
      const read = Math.floor(frame / nodeCount);
      if (bytes[nodes[at + 1]! + read] !== byte) continue;
      if (read + 1 === nodes[at + 2]) this.#addAll(after, tail);
      else this.#add(after, frame + nodeCount, tail);
    }
    const next = after.isEmpty ? null : this.#stateOf(this.#setOf(after));
    state.next[byte] = next;
    return next;
  }

  #stateOf(set: StackSet): GrammarState {
    set.state ??= this.#close(set);
    return set.state;
  }

  /** Replaces frames by what they consist of until all of them read a byte. */
  #close(set: StackSet): GrammarState {
    const closed = new Union();
    closed.bottom = set.bottom;
    const seen = new Map<number, Set<StackSet>>();
    const open: [frame: number, tail: StackSet][] = set.frames.map((frame, i) => [frame, set.tails[i]!]);
    open.reverse();
    const { nodeCount } = this.#program;
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      this.spend(FRAME_WORK);
      const [frame, tail] = item;
      const node = frame % nodeCount;
      const op = this.#program.nodes[node * NODE_WORDS]!;
      if (op === SET || op === LITERAL) {
        this.#add(closed, frame, tail);
        continue;
      }
      // A round that may be empty leads back to its own repetition, one round older: nothing new.
      const key = op === REPEAT && this.#repeatsEmpty(node) ? node : frame;
      const tails = seen.get(key);
      if (tails?.has(tail)) continue;
      if (tails === undefined) seen.set(key, new Set([tail]));
      else tails.add(tail);
      this.#expand(frame, tail, open, closed);
    }
    return this.#remember(closed);
  }

  #expand(frame: number, tail: StackSet, open: [number, StackSet][], closed: Union): void {
    const { nodes, lists, nodeCount } = this.#program;
    const node = frame % nodeCount;
    const at = node * NODE_WORDS;
    const [op, a, b, c] = [nodes[at]!, nodes[at + 1]!, nodes[at + 2]!, nodes[at + 3]!];
    if (op === RULE) open.push([a, tail]);
    else if (op === SEQUENCE) open.push([a, this.#set([b], [tail], false)]);
    else if (op === CHOICE) for (let i = 0; i < b; i++) open.push([lists[a + i]!, tail]);
    else if (op === REPEAT) {
      const rounds = Math.floor(frame / nodeCount);
      const least = this.#repeatsEmpty(node) ? 0 : b;
      if (rounds >= least) this.#pop(tail, open, closed);
      if (c >= 0 && rounds >= c) return;
      // Where nothing bounds them from above, rounds beyond the least are all alike.
      const next = c < 0 ? Math.min(rounds + 1, least) : rounds + 1;
      open.push([a, next === c ? tail : this.#set([node + next * nodeCount], [tail], false)]);
    } else if (op === EMPTY) this.#pop(tail, open, closed);
  }

  #repeatsEmpty(node: number): boolean {
    return this.#program.nullable[this.#program.nodes[node * NODE_WORDS + 1]!] === 1;
  }

  #pop(tail: StackSet, open: [number, StackSet][], closed: Union): void {
    if (tail.bottom) closed.bottom = true;
    for (let i = tail.frames.length - 1; i >= 0; i--) open.push([tail.frames[i]!, tail.tails[i]!]);
  }

  #addAll(union: Union, set: StackSet): void {
    this.spend(FRAME_WORK * set.frames.length);
    if (set.bottom) union.bottom = true;
    for (const [i, frame] of set.frames.entries()) this.#add(union, frame, set.tails[i]!);
  }

  #add(union: Union, frame: number, tail: StackSet): void {
    const other = union.tails.get(frame);
    union.tails.set(frame, other === undefined || other === tail ? tail : this.#merge(other, tail, 0));
  }

  #merge(one: StackSet, other: StackSet, depth: number): StackSet {
    if (one === other) return one;
    if (depth > MAX_MERGE_DEPTH) throw new OutOfWork();
    this.spend(FRAME_WORK * (one.frames.length + other.frames.length));
    const union = new Union();
    union.bottom = one.bottom || other.bottom;
    for (const [i, frame] of one.frames.entries()) union.tails.set(frame, one.tails[i]!);
    for (const [i, frame] of other.frames.entries()) {
      const tail = union.tails.get(frame);
      const added = other.tails[i]!;
      union.tails.set(frame, tail === undefined ? added : this.#merge(tail, added, depth + 1));
    }
    return this.#setOf(union);
  }

  #setOf(union: Union): StackSet {
    const frames = union.sortedFrames();
    return this.#set(
      frames,
      frames.map((frame) => union.tails.get(frame)!),
      union.bottom,
    );
  }

  #set(frames: readonly number[], tails: readonly StackSet[], bottom: boolean): StackSet {
    const key = keyOf(frames, tails, bottom);
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new StackSet(this.#nextId++, frames, tails, bottom);
      this.#makeRoom(1 + frames.length);
      this.#sets.set(key, set);
    }
    return set;
  }

  #remember(union: Union): GrammarState {
    const frames = union.sortedFrames();
    const tails = frames.map((frame) => union.tails.get(frame)!);
    const key = keyOf(frames, tails, union.bottom);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = new GrammarState(frames, tails, union.bottom);
      this.#makeRoom(STATE_FRAMES + frames.length);
      this.#states.set(key, state);
    }
    return state;
  }

  /** Forgotten sets and states stay right for those who hold them; they only are no longer found. */
  #makeRoom(frames: number): void {
    this.#remembered += frames;
    if (this.#remembered <= MAX_REMEMBERED_FRAMES) return;
    this.#remembered = frames;
    this.#sets.clear();
    this.#states.clear();
    this.start?.next.fill(undefined);
  }
}

const MAX_MERGE_DEPTH = 2000;

class Union {
  readonly tails = new Map<number, StackSet>();
  bottom = false;

  get isEmpty(): boolean {
    return this.tails.size === 0 && !this.bottom;
  }

  sortedFrames(): number[] {
    return [...this.tails.keys()].sort((a, b) => a - b);
  }
}

function keyOf(frames: readonly number[], tails: readonly StackSet[], bottom: boolean): string {
  let key = bottom ? "." : "";
  for (let i = 0; i < frames.length; i++) key += `${frames[i]}>${tails[i]!.id},`;
  return key;
}
