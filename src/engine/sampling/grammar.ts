import type { Clock } from "../../clock.js";
import { SluiceError } from "../../errors.js";
import type { Grammar } from "../../scheduler/request.js";
import { GrammarMatcher, type GrammarState, OutOfWork } from "../../text/grammar/matcher.js";
import type { TokenTable } from "../../text/token-table.js";
import { buildTokenTrie, type TokenTrie } from "../../text/token-trie.js";
import type { TokenConstraint, Vocabulary } from "./sampler.js";

/**
 * What a row's grammar may cost in one step besides one walk of the vocabulary's tree, in visits of remembered states (some
 * 10 ns each). An object of a thousand optional properties, the widest that people write, takes as much at its beginning.
 */
const STEP_WORK = 500_000;

/** Grammars whose states and masks are kept for the next request that uses them. */
const KEPT_GRAMMARS = 16;

/** Masks that one grammar keeps: a bit a token. */
const MAX_MASK_BYTES = 4 << 20;

/** Makes constraints from compiled grammars for one vocabulary; requests with the same grammar share what was worked out. */
export class GrammarFactory {
  readonly #table: TokenTable;
  readonly #endTokens: readonly number[];
  readonly #masks = new Map<string, TokenMasks>();
  readonly #meter: Meter;
  #trie: TokenTrie | undefined;

  constructor({ table, endTokens }: Vocabulary, clock: Clock) {
    this.#table = table;
    this.#endTokens = endTokens;
    this.#meter = new Meter(clock);
  }

  /** Milliseconds that its constraints have taken since the last call. */
  takeSpentMs(): number {
    const { spentMs } = this.#meter;
    this.#meter.spentMs = 0;
    return spentMs;
  }

  /** A constraint at the grammar's start. */
  create(grammar: Grammar): GrammarConstraint {
    let masks = this.#masks.get(grammar.key);
    this.#masks.delete(grammar.key);
    if (masks === undefined) {
      this.#trie ??= buildTokenTrie(this.#table, this.#endTokens);
      masks = new TokenMasks(new GrammarMatcher(grammar), this.#trie, this.#table, this.#endTokens);
    }
    this.#masks.set(grammar.key, masks);
    for (const key of this.#masks.keys()) {
      if (this.#masks.size <= KEPT_GRAMMARS) break;
      this.#masks.delete(key);
    }
    return new GrammarConstraint(masks, this.#meter);
  }
}

/** One sequence's way through a grammar. */
export class GrammarConstraint implements TokenConstraint {
  readonly #masks: TokenMasks;
  readonly #meter: Meter;
  #state: GrammarState;

  constructor(masks: TokenMasks, meter: Meter) {
    this.#masks = masks;
    this.#meter = meter;
    this.#state = masks.matcher.start;
  }

  begin(): void {
    this.#masks.grantStep();
  }

  allows(token: number): boolean {
    return this.#meter.run(() => this.#masks.after(this.#state, token) !== null);
  }

  mask(logits: Float32Array): void {
    this.#meter.run(() => this.#masks.apply(this.#state, logits));
  }

  accept(token: number): void {
    const next = this.#meter.run(() => this.#masks.after(this.#state, token));
    if (next === null) throw new SluiceError("internal", `token ${token} was drawn, which the grammar does not allow`);
    this.#state = next;
  }
}

/** Measures what grammars take, and gives the error of those that take too much. */
class Meter {
  spentMs = 0;

  constructor(private readonly clock: Clock) {}

  run<T>(work: () => T): T {
    const beganMs = this.clock.nowMs();
    try {
      return work();
    } catch (error) {
      if (!(error instanceof OutOfWork)) throw error;
      const why = "takes more work for one token than a request may take from the others";
      throw new SluiceError(
        "grammar_too_costly",
        `following the grammar or schema of this request ${why}; make it smaller or less ambiguous.`,
      );
    } finally {
      this.spentMs += this.clock.nowMs() - beganMs;
    }
  }
}

/** Which tokens may come at a state: worked out once a state, in one walk of the vocabulary's tree beside the grammar. */
class TokenMasks {
  readonly #walk: (GrammarState | null)[] = [];
  readonly #values: Float32Array;
  #bytes = 0;
  #generation = 0;

  constructor(
    readonly matcher: GrammarMatcher,
    private readonly trie: TokenTrie,
    private readonly table: TokenTable,
    private readonly endTokens: readonly number[],
  ) {
    this.#values = new Float32Array(table.size);
  }

  grantStep(): void {
    this.matcher.grant(STEP_WORK + this.trie.byte.length);
  }

  /** The state after a token; null where it may not come. */
  after(state: GrammarState, token: number): GrammarState | null {
    if (this.endTokens.includes(token)) return state.accepting ? state : null;
    const bytes = this.table.bytesOf(token);
    if (bytes.length === 0) return null;
    this.matcher.spend(bytes.length);
    let at: GrammarState | null = state;
    for (let i = 0; i < bytes.length && at !== null; i++) at = this.matcher.step(at, bytes[i]!);
    return at;
  }

  /** Sets the logit of every token that may not come to −∞. */
  apply(state: GrammarState, logits: Float32Array): void {
    const { allowed, tokens } = this.#maskOf(state);
    if (!allowed) {
      for (let i = 0; i < tokens.length; i++) logits[tokens[i]!] = Number.NEGATIVE_INFINITY;
      return;
    }
    const kept = this.#values;
    for (let i = 0; i < tokens.length; i++) kept[i] = logits[tokens[i]!]!;
    logits.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < tokens.length; i++) logits[tokens[i]!] = kept[i]!;
  }

  #maskOf(state: GrammarState): Mask {
    const known = state.note as Mask | undefined;
    if (known?.generation === this.#generation) return known;
    const allowed = this.#findAllowed(state);
    if (state.accepting) allowed.push(...this.endTokens);
    const isNarrow = 2 * allowed.length < this.table.size;
    const tokens = Int32Array.from(isNarrow ? allowed : this.#others(allowed));
    this.#bytes += tokens.byteLength;
    if (this.#bytes > MAX_MASK_BYTES) {
      this.#bytes = tokens.byteLength;
      this.#generation++;
    }
    const mask = { generation: this.#generation, allowed: isNarrow, tokens };
    state.note = mask;
    return mask;
  }

  #others(tokens: readonly number[]): number[] {
    const marks = new Uint8Array(this.table.size);
    for (const token of tokens) marks[token] = 1;
    const others: number[] = [];
    for (let token = 0; token < marks.length; token++) if (marks[token] === 0) others.push(token);
    return others;
  }

  #findAllowed(state: GrammarState): number[] {
    const { byte, depth, skip, ends, tokens } = this.trie;
    const { matcher } = this;
    const walk = this.#walk;
    const allowed: number[] = [];
    walk[0] = state;
    let visited = 0;
    for (let node = 0; node < byte.length; ) {
      const above = depth[node]!;
      const from = walk[above]!;
      let to = from.next[byte[node]!];
      if (to === undefined) to = matcher.step(from, byte[node]!);
      if (++visited === 4096) {
        matcher.spend(visited);
        visited = 0;
      }
      if (to === null) {
        node = skip[node]!;
        continue;
      }
      walk[above + 1] = to;
      for (let place = ends[node]!; place < ends[node + 1]!; place++) allowed.push(tokens[place]!);
      node++;
    }
    matcher.spend(visited);
    return allowed;
  }
}

/** The tokens that may come at a state, or, where those are the most, the others. */
interface Mask {
  readonly generation: number;
  readonly allowed: boolean;
  readonly tokens: Int32Array;
}
