import { cpus } from "node:os";
import { type Distribution, distribution } from "../metrics/quantile.js";

const SAMPLE_EVERY_MS = 250;

/** Samples how busy all cores of the machine are, in percent, until `stop`. */
export class CpuSampler {
  readonly #samples: number[] = [];
  #last = totals();
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);

  /** Null when the time was too short for a sample. */
  stop(): Distribution | null {
    clearInterval(this.#timer);
    this.#sample();
    return distribution(this.#samples);
  }

  #sample(): void {
    const now = totals();
    const allMs = now.allMs - this.#last.allMs;
    if (allMs > 0) this.#samples.push((100 * (allMs - (now.idleMs - this.#last.idleMs))) / allMs);
    this.#last = now;
  }
}

function totals(): { allMs: number; idleMs: number } {
  let allMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    allMs += times.user + times.nice + times.sys + times.idle + times.irq;
    idleMs += times.idle;
  }
  return { allMs, idleMs };
}
