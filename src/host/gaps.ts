import { createHistogram } from "node:perf_hooks";
import type { StepObserver } from "../scheduler/crank.js";
import type { HostStats } from "./protocol.js";

const NS_PER_MS = 1e6;

/** Measures the time between the end of a step and the beginning of the next while there is work. */
export class StepGaps implements StepObserver {
  /** In whole nanoseconds, to three digits; it counts none below one. */
  readonly #histogram = createHistogram();
  #totalMs = 0;
  #busyMs = 0;
  #lastEndMs = Number.NaN;
  #beganMs = 0;

  stepBegins(nowMs: number): void {
    this.#beganMs = nowMs;
    if (Number.isNaN(this.#lastEndMs)) return;
    const gapMs = nowMs - this.#lastEndMs;
    this.#histogram.record(Math.max(1, Math.round(gapMs * NS_PER_MS)));
    this.#totalMs += gapMs;
    this.#busyMs += gapMs;
  }

  stepEnded(nowMs: number): void {
    this.#busyMs += nowMs - this.#beganMs;
    this.#lastEndMs = nowMs;
  }

  waits(): void {
    this.#lastEndMs = Number.NaN;
  }

  /** Time during which steps ran or followed each other. */
  get busyMs(): number {
    return this.#busyMs;
  }

  summary(): HostStats["stepGapMs"] {
    const percentileMs = (percent: number) => this.#histogram.percentile(percent) / NS_PER_MS;
    return { p50: percentileMs(50), p99: percentileMs(99), max: this.#histogram.max / NS_PER_MS, total: this.#totalMs };
  }
}
