/** Watches a growing text for stop strings. Text that may be the beginning of one is held back until it is decided. */
export class StopStrings {
  readonly #stops: readonly string[];
  #held = "";
  #stopped = false;

  /** Empty stop strings are ignored. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop.length > 0);
  }

  /** Whether a stop string came; what follows is not part of the text. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes more text and gives out what is certain to stay. */
  push(text: string): string {
    if (this.#stopped) return "";
    if (this.#stops.length === 0) return text;
    const known = this.#held + text;
    const end = this.#firstStop(known);
    if (end >= 0) {
      this.#stopped = true;
      this.#held = "";
      return known.slice(0, end);
    }
    const certain = known.length - this.#undecided(known);
    this.#held = known.slice(certain);
    return known.slice(0, certain);
  }

  /** What was held back, when no more text comes. */
  flush(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }

  #firstStop(text: string): number {
    let first = -1;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) first = at;
    }
    return first;
  }

  /** The length of the longest end of `text` that begins a stop string. */
  #undecided(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
