import type { SamplingParams } from "../../scheduler/request.js";

/** Which tokens a sequence has seen, kept up to date as it grows. */
export class TokenHistory {
  readonly #promptLength: number;
  readonly #prompt = new Set<number>();
  readonly #generated = new Map<number, number>();
  #read = 0;

  constructor(promptLength: number) {
    this.#promptLength = promptLength;
  }

  /** Reads what was added to `tokens` since the last call. */
  catchUp(tokens: readonly number[]): void {
    for (; this.#read < tokens.length; this.#read++) {
      const token = tokens[this.#read]!;
      if (this.#read < this.#promptLength) this.#prompt.add(token);
      else this.#generated.set(token, (this.#generated.get(token) ?? 0) + 1);
    }
  }

  /**
   * Changes the logits as vLLM does: the repetition penalty divides positive and multiplies negative logits of tokens
   * seen anywhere; then the frequency penalty is subtracted per occurrence in the output, the presence penalty once.
   */
  penalize(logits: Float32Array, params: SamplingParams): void {
    const { repetitionPenalty, frequencyPenalty, presencePenalty } = params;
    if (repetitionPenalty !== 1) {
      for (const token of this.#prompt) {
        if (!this.#generated.has(token)) repeatPenalty(logits, token, repetitionPenalty);
      }
    }
    for (const [token, count] of this.#generated) {
      if (repetitionPenalty !== 1) repeatPenalty(logits, token, repetitionPenalty);
      logits[token]! -= frequencyPenalty * count + presencePenalty;
    }
  }
}

function repeatPenalty(logits: Float32Array, token: number, penalty: number): void {
  const logit = logits[token]!;
  logits[token] = logit > 0 ? logit / penalty : logit * penalty;
}

/** Whether any penalty is on. */
export function hasPenalties(params: SamplingParams): boolean {
  return params.repetitionPenalty !== 1 || params.frequencyPenalty !== 0 || params.presencePenalty !== 0;
}
