/** What a client asks for, what it gets back, and the sequence that a request becomes inside the scheduler. */

/** How the next token is drawn from the logits. Field names and meanings are vLLM's. */
export interface SamplingParams {
  /** 0 is greedy. */
  temperature: number;
  /** Keep the k likeliest tokens; 0 keeps all. */
  topK: number;
  /** Keep the likeliest tokens whose probabilities add up to p. */
  topP: number;
  /** Drop tokens less likely than this share of the likeliest token's probability. */
  minP: number;
  /** > 1 makes tokens of the prompt and of the output less likely. */
  repetitionPenalty: number;
  /** Subtracted once from the logit of every token that was generated before. */
  presencePenalty: number;
  /** Subtracted per earlier occurrence in the output. */
  frequencyPenalty: number;
  /** Added to the logits: token id → bias. */
  logitBias: Readonly<Record<number, number>> | undefined;
  /** Same seed, same prompt, same settings: same tokens. Drawn by the caller when the user gives none. */
  seed: number;
  /** Log-probabilities of the drawn token and this many of the likeliest; undefined: none. */
  logprobs: number | undefined;
  /** Do not stop at the end-of-text token. */
  ignoreEos: boolean;
  /** No end-of-text before this many tokens. */
  minTokens: number;
  /** Text that ends the output (not part of it). */
  stop: readonly string[];
  /** Tokens that end the output. */
  stopTokenIds: readonly number[];
  /** Holds the output to a grammar where the engine can do that. */
  grammar: Grammar | undefined;
}

/** A compiled grammar: plain data, shared between threads (text/grammar/program.ts). */
export interface Grammar {
  /** Grammars of the same key are the same. */
  readonly key: string;
  readonly words: Int32Array;
}

/** The one place of the sampling defaults. */
export const DEFAULT_SAMPLING: Readonly<SamplingParams> = {
  temperature: 0.7,
  topK: 50,
  topP: 0.95,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: undefined,
  seed: 0,
  logprobs: undefined,
  ignoreEos: false,
  minTokens: 0,
  stop: [],
  stopTokenIds: [],
  grammar: undefined,
};

export const DEFAULT_MAX_TOKENS = 64;

/** A request as the scheduler takes it: tokenized, complete, every default filled in. */
export interface Request {
  /** Unique among the requests that are queued or running. */
  readonly id: string;
  readonly promptTokens: readonly number[];
  /**
   * The output so far of a request that ran elsewhere and goes on here: part of the output in every respect, but not told
   * again. Fewer than `maxTokens`; undefined: none.
   */
  readonly generatedTokens?: readonly number[] | undefined;
  /** The most tokens to generate, ≥ 1, those that were generated elsewhere included. */
  readonly maxTokens: number;
  readonly sampling: SamplingParams;
  /** Lower is more urgent, as in vLLM. */
  readonly priority: number;
  /** Whom `fair` shares the engine between; "" is one user like any other. */
  readonly user: string;
  /** On the scheduler's clock; Infinity: none. A request that is not done by then fails with `deadline_exceeded`. */
  readonly deadlineMs: number;
}

/** Why a request ended well. */
export type FinishReason = "stop" | "length";

/** One of the likeliest tokens at a position, with its natural-log probability before sampling filters. */
export interface TokenLogprob {
  token: number;
  text: string;
  /** The token's bytes: a token may be part of a character. */
  bytes: readonly number[];
  logprob: number;
}

export interface SampledLogprobs extends TokenLogprob {
  top: readonly TokenLogprob[];
}

/** Where a request stands. */
export type SequenceState = "waiting" | "running" | "finished";

/**
 * A request's life inside the scheduler: the tokens known so far and how many of them have been computed.
 *
 * There is no prefill phase and no decode phase: a step computes some of the tokens that are known and not yet computed,
 * and when it reaches the last known one, the engine samples the next. A preempted sequence forgets what was computed and
 * keeps what is known.
 */
export class Sequence {
  state: SequenceState = "waiting";
  /** Prompt, then generated tokens. */
  readonly tokens: number[];
  /** How many of `tokens` have their cells in the slot. */
  computed = 0;
  /** −1 while it has none. */
  slot = -1;
  /** When it was first given a slot; NaN before. */
  startedMs = Number.NaN;
  /** When it was last given a slot or a row of it was computed. */
  servedMs = Number.NaN;
  /** The batch it was admitted in (1-based); 0 before. */
  batch = 0;
  /** How many sequences ran together when it was admitted. */
  batchSize = 0;
  preemptions = 0;
  /** Prompt tokens that another sequence's cells gave it. */
  reusedTokens = 0;
  /** Rows of padding computed after its end, for the batch's longest row. */
  paddingTokens = 0;

  constructor(
    readonly request: Request,
    /** Position in the order of submission: the last tie-break of every queue order. */
    readonly serial: number,
    readonly arrivalMs: number,
  ) {
    this.tokens = [...request.promptTokens, ...(request.generatedTokens ?? [])];
  }

  get id(): string {
    return this.request.id;
  }

  /** Tokens generated so far. */
  get generated(): number {
    return this.tokens.length - this.request.promptTokens.length;
  }

  /** Known tokens that are still to be computed. */
  get pending(): number {
    return this.tokens.length - this.computed;
  }

  /** Whether the next row is a single token after an already computed context (as opposed to a piece of a prompt). */
  get decoding(): boolean {
    return this.pending === 1 && this.computed > 0;
  }
}
