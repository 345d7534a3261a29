// What the page knows: samples of the last minutes per worker, and the life of each request as a bar.

const HISTORY = 600;
const KEEP_MS = 130_000;
const MAX_BARS = 4000;

export const WAITING = 0;
export const RUNNING = 1;
export const FINISHED = 2;
export const FAILED = 3;
export const PREEMPTED = 4;

export class Store {
  /** Per worker, oldest first. */
  workers = new Map();
  bars = new Map();
  slots = 1;
  model = "";
  info = {};
  /** Server time minus page time, from the freshest frame. */
  #offsetMs;

  hear(message) {
    if (message.type === "hello") this.#hello(message);
    else this.#frame(message);
  }

  /** The server's clock, estimated. */
  get nowMs() {
    return this.#offsetMs === undefined ? undefined : performance.now() + this.#offsetMs;
  }

  /** The newest samples of all workers, added up; undefined before the first. */
  get latest() {
    const newest = [...this.workers.values()].map((history) => history.at(-1)).filter(Boolean);
    return newest.length === 0 ? undefined : combine(newest);
  }

  /** One combined sample per half second, oldest first. */
  get history() {
    const histories = [...this.workers.values()];
    const length = Math.max(0, ...histories.map((history) => history.length));
    return Array.from({ length }, (_, i) => {
      const at = histories.map((history) => history[history.length - length + i]).filter(Boolean);
      return combine(at);
    });
  }

  #hello({ model, info, backlogs }) {
    this.model = model;
    this.info = info;
    this.slots = info.slots;
    this.workers = new Map();
    this.bars = new Map();
    this.#offsetMs = undefined;
    for (const { worker, history, bars } of backlogs) {
      this.workers.set(worker, history);
      for (const bar of bars) this.#take(worker, bar);
      const last = history.at(-1);
      if (last) this.#setClock(last.nowMs);
    }
  }

  #frame({ worker, bars, skippedBars, ...sample }) {
    const history = this.workers.get(worker) ?? [];
    history.push(sample);
    if (history.length > HISTORY) history.shift();
    this.workers.set(worker, history);
    this.#setClock(sample.nowMs);
    for (const bar of bars) this.#take(worker, bar);
    if (skippedBars === 0) this.#endLost(worker, bars, sample);
    this.#forget(sample.nowMs);
  }

  #setClock(serverMs) {
    const offsetMs = serverMs - performance.now();
    // A late frame makes the clock seem slow; follow fast ones at once and slow ones gently.
    if (this.#offsetMs === undefined || offsetMs > this.#offsetMs) this.#offsetMs = offsetMs;
    else this.#offsetMs += (offsetMs - this.#offsetMs) * 0.05;
  }

  #take(worker, [serial, slot, arrivalMs, startedMs, firstMs, endedMs, tokens, state]) {
    const key = `${worker}:${serial}`;
    const before = this.bars.get(key);
    const lane = slot < 0 ? -1 : worker * this.slots + slot;
    const row = before?.row ?? -1;
    this.bars.set(key, { key, serial, worker, lane, slot, arrivalMs, startedMs, firstMs, endedMs, tokens, state, row });
  }

  /** A frame tells of every running request. Those it leaves out went with a worker that died and was replaced. */
  #endLost(worker, bars, { nowMs, waiting }) {
    const told = new Set(bars.map(([serial]) => serial));
    for (const [key, bar] of this.bars) {
      const open = bar.state === RUNNING || (bar.state === WAITING && waiting === 0);
      if (!open || bar.worker !== worker || told.has(bar.serial)) continue;
      this.bars.set(key, { ...bar, endedMs: nowMs, state: FAILED });
    }
  }

  #forget(nowMs) {
    for (const [key, bar] of this.bars) {
      if (bar.endedMs > 0 && bar.endedMs < nowMs - KEEP_MS) this.bars.delete(key);
    }
    for (const key of this.bars.keys()) {
      if (this.bars.size <= MAX_BARS) return;
      this.bars.delete(key);
    }
  }
}

/** Several workers at one time: what counts is added, shares and percentiles are those of the busiest. */
function combine(samples) {
  const sum = (name) => samples.reduce((total, sample) => total + sample[name], 0);
  const busiest = samples.reduce((best, sample) => (sample.tokensPerSec > best.tokensPerSec ? sample : best));
  return {
    nowMs: busiest.nowMs,
    waiting: sum("waiting"),
    running: sum("running"),
    slots: sum("slots"),
    tokensPerSec: sum("tokensPerSec"),
    promptTokensPerSec: sum("promptTokensPerSec"),
    requestsPerSec: sum("requestsPerSec"),
    kvUsage: sum("kvUsage") / samples.length,
    batchFill: meanOf(samples.map((sample) => sample.batchFill)),
    ttftMs: busiest.ttftMs,
    latencyMs: busiest.latencyMs,
  };
}

function meanOf(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
