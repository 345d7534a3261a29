/** The likeliest tokens of a row, largest logit first, lower token id first among equals. */
export class Candidates {
  readonly logits: Float64Array;
  readonly tokens: Int32Array;
  count = 0;

  constructor(readonly capacity: number) {
    this.logits = new Float64Array(capacity);
    this.tokens = new Int32Array(capacity);
  }

  /**
   * Puts a token into its place; when more than `limit` are kept, the last one drops out. Tokens must come in rising
   * order of their ids for equals to keep that order.
   */
  insert(token: number, logit: number, limit: number): void {
    const { logits, tokens } = this;
    let place = this.count < limit ? this.count++ : limit - 1;
    while (place > 0 && logits[place - 1]! < logit) {
      logits[place] = logits[place - 1]!;
      tokens[place] = tokens[place - 1]!;
      place--;
    }
    logits[place] = logit;
    tokens[place] = token;
  }
}
