import type { SampledLogprobs, TokenLogprob } from "../../scheduler/request.js";
import type { TokenTable } from "../../text/token-table.js";
import { Candidates } from "./candidates.js";
import { type LogitsRow, MAX_TOP } from "./logits-row.js";
import { NEGLIGIBLE } from "./wide-draw.js";

/** Natural-log probabilities of a row before any sampling filter: log-softmax of the model's own logits. */
export class Logprobs {
  readonly #table: TokenTable;
  readonly #top = new Candidates(MAX_TOP);
  #logTotal = 0;

  constructor(table: TokenTable) {
    this.#table = table;
  }

  /** Reads a row that nothing has changed yet, and its `count` likeliest tokens. */
  read(row: LogitsRow, count: number): void {
    row.top(Math.max(1, Math.min(count, MAX_TOP)), this.#top);
    const largest = this.#top.logits[0] ?? 0;
    const { values } = row;
    let total = 0;
    for (let token = 0; token < values.length; token++) {
      const below = values[token]! - largest;
      if (below > NEGLIGIBLE) total += Math.exp(below);
    }
    this.#logTotal = largest + Math.log(total);
  }

  /**
   * The entry of a drawn token with the `count` likeliest beside it.
   * @param logit the drawn token's logit in the unchanged row
   */
  of(token: number, logit: number, count: number): SampledLogprobs {
    const top: TokenLogprob[] = [];
    for (let place = 0; place < Math.min(count, this.#top.count); place++) {
      top.push(this.#entry(this.#top.tokens[place]!, this.#top.logits[place]!));
    }
    return { ...this.#entry(token, logit), top };
  }

  #entry(token: number, logit: number): TokenLogprob {
    return {
      token,
      text: this.#table.textOf(token),
      bytes: Array.from(this.#table.bytesOf(token)),
      logprob: logit - this.#logTotal,
    };
  }
}
