/** Progress on a terminal: requests done, tokens per second, time left. Silent elsewhere and with `--quiet`. */
import { SingleBar } from "cli-progress";

export interface Progress {
  /** How much there is to do, as far as is known by now. */
  total(count: number): void;
  /** What is being done now. */
  label(text: string): void;
  /** So much more is done. */
  advance(done: number): void;
  tokens(count: number): void;
  /** Prints lines above the bar. */
  print(text: string): void;
  stop(): void;
}

/**
 * @param unit of what `advance` counts
 * @param quiet no bar, and nothing of what `print` gets
 */
export function startProgress(unit: string, quiet: boolean): Progress {
  if (quiet) return { total() {}, label() {}, advance() {}, tokens() {}, print() {}, stop() {} };
  if (!process.stderr.isTTY) {
    return { total() {}, label() {}, advance() {}, tokens() {}, print: (text) => console.log(text), stop() {} };
  }
  return new BarProgress(unit);
}

/** How every bar looks. It goes to stderr, so that stdout holds results only. */
export const BAR_STYLE = {
  barsize: 24,
  barCompleteChar: "█",
  barIncompleteChar: "░",
  hideCursor: true,
  clearOnComplete: true,
  stream: process.stderr,
};

/** Weight of the newest second in the shown rate: quick enough to follow, slow enough to read. */
const RATE_WEIGHT = 0.3;

class BarProgress implements Progress {
  readonly #bar: SingleBar;
  readonly #timer: NodeJS.Timeout;
  #newTokens = 0;
  #tokensPerSec = 0;
  #label = "";

  constructor(unit: string) {
    this.#bar = new SingleBar({
      ...BAR_STYLE,
      format: `{bar} {value}/{total} ${unit} · {rate} tokens/s · {eta_formatted} left · {label}`,
      etaBuffer: 30,
    });
    this.#bar.start(0, 0, { rate: 0, label: "" });
    this.#timer = setInterval(() => this.#second(), 1000);
    this.#timer.unref();
  }

  total(count: number): void {
    this.#bar.setTotal(count);
  }

  label(text: string): void {
    this.#label = text;
    this.#bar.update({ label: text });
  }

  advance(done: number): void {
    this.#bar.increment(done);
  }

  tokens(count: number): void {
    this.#newTokens += count;
  }

  print(text: string): void {
    process.stderr.write("\r\u001b[K");
    console.log(text);
    this.#bar.render();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#bar.stop();
  }

  #second(): void {
    this.#tokensPerSec += RATE_WEIGHT * (this.#newTokens - this.#tokensPerSec);
    this.#newTokens = 0;
    this.#bar.update({ rate: Math.round(this.#tokensPerSec), label: this.#label });
  }
}
