import { Detokenizer } from "./detokenizer.js";
import { StopStrings } from "./stop-strings.js";
import type { TokenTable } from "./token-table.js";

/** The text of one sequence as its tokens come: whole characters, up to the first stop string. */
export class TextStream {
  readonly #detokenizer: Detokenizer;
  readonly #stops: StopStrings;

  constructor(table: TokenTable, stops: readonly string[]) {
    this.#detokenizer = new Detokenizer(table);
    this.#stops = new StopStrings(stops);
  }

  /** Whether a stop string ended the text. */
  get stopped(): boolean {
    return this.#stops.stopped;
  }

  /**
   * The text that became certain with this token; "" while a character or a possible stop string is incomplete.
   * @param watchStops false: stop strings in this token's text do not count (`min_tokens`)
   */
  push(token: number, watchStops = true): string {
    const text = this.#detokenizer.push(token);
    return watchStops ? this.#stops.push(text) : text;
  }

  /** The rest, when the sequence ends for another reason than a stop string. */
  finish(): string {
    const text = this.#stops.push(this.#detokenizer.flush());
    return text + this.#stops.flush();
  }
}
