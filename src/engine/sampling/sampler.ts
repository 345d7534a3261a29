import { uniformAt } from "../../random.js";
import type { SampledLogprobs, SamplingParams, Sequence } from "../../scheduler/request.js";
import type { TokenTable } from "../../text/token-table.js";
import { Candidates } from "./candidates.js";
import { LogitsRow, MAX_TOP } from "./logits-row.js";
import { Logprobs } from "./logprobs.js";
import { hasPenalties, TokenHistory } from "./penalties.js";
import { WideDraw } from "./wide-draw.js";

/** What a sampler has to know about the vocabulary. */
export interface Vocabulary {
  readonly table: TokenTable;
  /** The tokens that end a text. */
  readonly endTokens: readonly number[];
}

/** What limits the next token to a language, one per sequence. Each call may throw: the row then ends. */
export interface TokenConstraint {
  /** The next token is about to be chosen. */
  begin(): void;
  allows(token: number): boolean;
  /** Sets the logit of every token that is not allowed to −∞. */
  mask(logits: Float32Array): void;
  accept(token: number): void;
}

export interface Draw {
  token: number;
  logprobs: SampledLogprobs | undefined;
}

/**
 * Draws tokens from logits as vLLM does: mask (`min_tokens`), bias, penalties, then temperature, min_p, top_k, top_p.
 * The random number depends on the seed and on how many tokens the sequence has generated, and on nothing else.
 *
 * Memory is shared between rows and nothing is allocated per row; what belongs to a sequence hangs on its object.
 */
export class Sampler {
  readonly #vocabulary: Vocabulary;
  readonly #row: LogitsRow;
  readonly #wide: WideDraw;
  readonly #candidates = new Candidates(MAX_TOP);
  readonly #weights = new Float64Array(MAX_TOP);
  readonly #logprobs: Logprobs;
  readonly #histories = new WeakMap<Sequence, TokenHistory>();

  constructor(vocabulary: Vocabulary) {
    const size = vocabulary.table.size;
    this.#vocabulary = vocabulary;
    this.#row = new LogitsRow(size);
    this.#wide = new WideDraw(size);
    this.#logprobs = new Logprobs(vocabulary.table);
  }

  /**
   * The next token of a sequence; −1 when no token is possible (the model gave no number above −∞).
   * @param logits the model's row for the sequence's last known token; not changed
   */
  draw(sequence: Sequence, logits: Float32Array, constraint: TokenConstraint | undefined): Draw {
    const params = sequence.request.sampling;
    const row = this.#row;
    row.load(logits);
    if (params.logprobs !== undefined) this.#logprobs.read(row, params.logprobs);
    this.#adjust(sequence, params);
    const index = sequence.generated;
    let token = this.#pick(params, uniformAt(params.seed, index));
    if (constraint !== undefined) {
      constraint.begin();
      if (token < 0 || !constraint.allows(token)) token = this.#pickAllowed(params, index, constraint);
      if (token >= 0) constraint.accept(token);
    }
    const count = params.logprobs;
    const logprobs =
      count === undefined || token < 0 ? undefined : this.#logprobs.of(token, logits[token] ?? Number.NaN, count);
    return { token, logprobs };
  }

  #adjust(sequence: Sequence, params: SamplingParams): void {
    const values = this.#row.values;
    if (sequence.generated < params.minTokens) {
      for (const token of this.#vocabulary.endTokens) values[token] = Number.NEGATIVE_INFINITY;
      for (const token of params.stopTokenIds) if (token < values.length) values[token] = Number.NEGATIVE_INFINITY;
    }
    if (params.logitBias !== undefined) {
      for (const [token, bias] of Object.entries(params.logitBias)) {
        if (Number(token) < values.length) values[Number(token)]! += bias;
      }
    }
    if (hasPenalties(params)) {
      const history = this.#historyOf(sequence);
      history.catchUp(sequence.tokens);
      history.penalize(values, params);
    }
  }

  #historyOf(sequence: Sequence): TokenHistory {
    let history = this.#histories.get(sequence);
    if (history === undefined) {
      history = new TokenHistory(sequence.request.promptTokens.length);
      this.#histories.set(sequence, history);
    }
    return history;
  }

  #pick(params: SamplingParams, uniform: number): number {
    if (params.temperature === 0) return this.#row.argmax();
    if (params.topK === 0 || params.topK > MAX_TOP) return this.#wide.draw(this.#row, params, uniform);
    this.#row.top(params.topK, this.#candidates);
    return this.#pickFromTop(params, uniform);
  }

  /**
   * Draws again from what a constraint allows. That gives the allowed tokens the same shares as masking at once, and asking
   * for one token first is far cheaper than masking a vocabulary. The second number must be independent of the first.
   */
  #pickAllowed(params: SamplingParams, index: number, constraint: TokenConstraint): number {
    constraint.mask(this.#row.values);
    const token = this.#pick(params, uniformAt(~params.seed, index));
    // Where the constraint is fulfilled, only the end is left: then it comes before `min_tokens`.
    return token >= 0 ? token : (this.#vocabulary.endTokens.find((end) => constraint.allows(end)) ?? -1);
  }

  #pickFromTop({ temperature, topP, minP }: SamplingParams, uniform: number): number {
    const { logits, tokens, count } = this.#candidates;
    if (count === 0) return -1;
    const weights = this.#weights;
    const largest = logits[0]!;
    let total = 0;
    let kept = 0;
    for (; kept < count; kept++) {
      const weight = Math.exp((logits[kept]! - largest) / temperature);
      if (weight < minP) break;
      weights[kept] = weight;
      total += weight;
    }
    if (topP < 1) {
      const enough = topP * total;
      let sum = 0;
      let needed = 0;
      while (needed < kept && sum < enough) sum += weights[needed++]!;
      kept = Math.max(needed, 1);
      total = sum;
    }
    let rest = uniform * total;
    for (let place = 0; place < kept; place++) {
      rest -= weights[place]!;
      if (rest < 0) return tokens[place]!;
    }
    return tokens[kept - 1]!;
  }
}
