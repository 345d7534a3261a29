import koffi from "koffi";
import { SluiceError } from "../../errors.js";
import type { TokenConstraint } from "../sampling/sampler.js";
import type { LlamaApi } from "./api.js";
import { type Pointer, TOKEN_DATA_BYTES, type TokenDataArray } from "./structs.js";

/** Makes constraints from grammars (GBNF). The candidate arrays in native memory are shared: they live for one call. */
export class GrammarFactory {
  readonly #api: LlamaApi;
  readonly #vocab: Pointer;
  readonly #size: number;
  #candidates: CandidateArray | undefined;
  readonly #unreachable = new FinalizationRegistry<Pointer>(
    (sampler) => this.#live.delete(sampler) && this.#free(sampler),
  );
  readonly #live = new Set<Pointer>();

  constructor(api: LlamaApi, vocab: Pointer, vocabularySize: number) {
    this.#api = api;
    this.#vocab = vocab;
    this.#size = vocabularySize;
  }

  /**
   * A constraint at the grammar's start. It is freed by {@link release}, or some time after nothing refers to it.
   * @throws SluiceError `invalid_request` when the grammar does not parse
   */
  create(grammar: string): GrammarConstraint {
    const sampler = initGrammar(this.#api, this.#vocab, grammar);
    this.#candidates ??= new CandidateArray(this.#size);
    const constraint = new GrammarConstraint(this.#api, sampler, this.#candidates);
    this.#live.add(sampler);
    this.#unreachable.register(constraint, sampler, constraint);
    return constraint;
  }

  /** Frees a constraint at once. */
  release(constraint: GrammarConstraint): void {
    this.#unreachable.unregister(constraint);
    if (this.#live.delete(constraint.sampler)) this.#free(constraint.sampler);
  }

  /** Frees everything; no constraint may be used afterwards. */
  close(): void {
    for (const sampler of this.#live) this.#free(sampler);
    this.#live.clear();
    this.#candidates?.free();
    this.#candidates = undefined;
  }

  #free(sampler: Pointer): void {
    this.#api.samplerFree(sampler);
  }
}

/** One sequence's way through a grammar. */
export class GrammarConstraint implements TokenConstraint {
  readonly #api: LlamaApi;
  readonly #candidates: CandidateArray;

  constructor(
    api: LlamaApi,
    readonly sampler: Pointer,
    candidates: CandidateArray,
  ) {
    this.#api = api;
    this.#candidates = candidates;
  }

  allows(token: number): boolean {
    const candidates = this.#candidates;
    candidates.setOne(token);
    this.#api.samplerApply(this.sampler, candidates.native);
    return candidates.allowed(0);
  }

  mask(logits: Float32Array): void {
    const candidates = this.#candidates;
    candidates.setAll();
    this.#api.samplerApply(this.sampler, candidates.native);
    for (let token = 0; token < logits.length; token++) {
      if (!candidates.allowed(token)) logits[token] = Number.NEGATIVE_INFINITY;
    }
  }

  /** Moves on. The token must be allowed: anything else ends the process. */
  accept(token: number): void {
    this.#api.samplerAccept(this.sampler, token);
  }
}

/** A `llama_token_data_array` with room for the whole vocabulary; a token that a grammar forbids gets the logit −∞. */
class CandidateArray {
  readonly native: TokenDataArray;
  readonly #size: number;
  readonly #ids: Int32Array;
  readonly #logits: Float32Array;

  constructor(size: number) {
    const data = koffi.alloc("uint8", size * TOKEN_DATA_BYTES) as Pointer;
    const buffer = koffi.view(data, size * TOKEN_DATA_BYTES);
    this.#size = size;
    this.#ids = new Int32Array(buffer);
    this.#logits = new Float32Array(buffer);
    this.native = { data, size: 0, selected: -1, sorted: false };
  }

  setOne(token: number): void {
    this.#set(0, token);
    this.#begin(1);
  }

  setAll(): void {
    for (let token = 0; token < this.#size; token++) this.#set(token, token);
    this.#begin(this.#size);
  }

  allowed(place: number): boolean {
    return this.#logits[3 * place + 1] !== Number.NEGATIVE_INFINITY;
  }

  free(): void {
    koffi.free(this.native.data);
  }

  #set(place: number, token: number): void {
    this.#ids[3 * place] = token;
    this.#logits[3 * place + 1] = 0;
  }

  #begin(size: number): void {
    this.native.size = size;
    this.native.selected = -1;
    this.native.sorted = false;
  }
}

function initGrammar(api: LlamaApi, vocab: Pointer, grammar: string): Pointer {
  const sampler = api.samplerInitGrammar(vocab, grammar, "root");
  if (sampler !== null) return sampler;
  throw new SluiceError("invalid_request", "grammar does not parse as GBNF, or has no rule named root", {
    field: "grammar",
  });
}

/**
 * Parses a grammar and forgets it.
 * @throws SluiceError `invalid_request`
 */
export function checkGrammar(api: LlamaApi, vocab: Pointer, grammar: string): void {
  api.samplerFree(initGrammar(api, vocab, grammar));
}
