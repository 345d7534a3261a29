/** Results as a bench would measure them, from a few lines of simulation: test data for charts, findings and reports. */

import { Random } from "../random.js";
import { newCounters, type SchedulerCounters } from "../scheduler/counters.js";
import { recordOf, resultsOf, runOf } from "./results.fixture.js";
import type { Axis, RequestRecord, Results, RunResult, SettingValue } from "./schema.js";
import { summarize } from "./summary.js";

export interface SimulatedRun {
  label: string;
  policy?: string;
  size?: number;
  run?: number;
  concurrency?: number;
  maxBatch?: number;
  waitMs?: number;
  /** Requests join and leave at every step. */
  continuous?: boolean;
  axes?: Record<string, SettingValue>;
  baseline?: boolean;
  /** Factor on every step's time. */
  slowness?: number;
  /** Standard deviation of the logarithm of a run's common factor. */
  noise?: number;
  seed?: number;
  /** Share of requests that fail. */
  failures?: number;
  /** ms that each further row adds to a step. */
  rowMs?: number;
  minTokens?: number;
  maxTokens?: number;
  workers?: number;
}

interface Active {
  record: RequestRecord;
  left: number;
  lastMs: number;
}

const DEFAULTS = {
  size: 50,
  run: 1,
  concurrency: 10,
  maxBatch: 8,
  waitMs: 20,
  continuous: false,
  rowMs: 0.8,
  minTokens: 8,
  maxTokens: 64,
  noise: 0.03,
  slowness: 1,
  seed: 1,
  failures: 0,
};

/** One run, simulated step by step: a step of n rows takes 4 ms + n · rowMs. */
export function simulatedRun(given: SimulatedRun): RunResult {
  const options = { ...DEFAULTS, ...given };
  const server = new TinyServer(options);
  const requests = server.run();
  const { counters } = server;
  return runOf({
    label: options.label,
    policy: options.policy ?? options.label,
    policyOptions: { maxBatchSize: options.maxBatch, maxWaitMs: options.waitMs },
    axes: options.axes ?? {},
    baseline: options.baseline ?? false,
    maxSequences: options.label === "sequential" ? 1 : options.maxBatch,
    requestSize: options.size,
    run: options.run,
    summary: summarize(requests, { counters, objectives: [] }),
    batchSizes: counters.batchSizes,
    counters,
    requests,
    ...(options.workers === undefined ? {} : workerFields(options.workers, server.random)),
  });
}

/** A closed loop of clients and a server that batches, in some hundred lines: not Sluice, but shaped like it. */
class TinyServer {
  readonly random: Random;
  readonly #counters = newCounters();
  readonly #mood: number;
  readonly #waiting: RequestRecord[] = [];
  readonly #done: RequestRecord[] = [];
  #active: Active[] = [];
  #nowMs = 0;
  #sent = 0;

  constructor(private readonly options: typeof DEFAULTS) {
    this.random = new Random(options.seed * 1000 + options.run);
    this.#mood = options.slowness * Math.exp(options.noise * this.random.normal());
  }

  get counters(): SchedulerCounters {
    return { ...this.#counters, batchSizes: Array.from(this.#counters.batchSizes, (count) => count ?? 0) };
  }

  run(): RequestRecord[] {
    const { size, concurrency } = this.options;
    for (let i = 0; i < concurrency; i++) this.#send(this.random.uniform());
    while (this.#done.length < size) {
      this.#admit();
      if (this.#active.length > 0) this.#step();
    }
    return this.#done.sort((a, b) => a.seq - b.seq);
  }

  #send(atMs: number): void {
    if (this.#sent >= this.options.size) return;
    this.#sent += 1;
    const outputTokens = this.random.integer(this.options.minTokens, this.options.maxTokens);
    const seq = this.#sent;
    this.#waiting.push(
      recordOf({ seq, id: `r${seq}`, inputTokens: 12, outputTokens, intendedMs: atMs, dispatchedMs: atMs }),
    );
  }

  /** Starts what may start; time moves on when nothing runs and nothing may start. */
  #admit(): void {
    const { maxBatch, waitMs, continuous, size } = this.options;
    const ready = this.#waiting.filter((record) => record.dispatchedMs <= this.#nowMs).length;
    const oldestMs = this.#waiting[0]?.dispatchedMs ?? Number.POSITIVE_INFINITY;
    const due = ready >= maxBatch || (ready > 0 && (this.#nowMs >= oldestMs + waitMs || this.#sent === size));
    if (continuous ? ready > 0 && this.#active.length < maxBatch : this.#active.length === 0 && due) {
      this.#start(this.#waiting.splice(0, Math.min(ready, maxBatch - this.#active.length)));
    }
    if (this.#active.length > 0) return;
    const nextMs = ready === 0 ? oldestMs : Math.min(oldestMs + waitMs, this.#nowMs + 5);
    this.#nowMs = Math.max(this.#nowMs + 0.5, nextMs);
  }

  #start(records: readonly RequestRecord[]): void {
    const { continuous } = this.options;
    if (!continuous) this.#countBatch(records.length);
    for (const [i, record] of records.entries()) {
      const batchSize = continuous ? this.#active.length + records.length - i : records.length;
      const batch = this.#counters.batches || null;
      const slot = lowestFree(this.#active);
      Object.assign(record, { startedMs: this.#nowMs, slot, batch, batchSize, firstTokenMs: null, gapsMs: [] });
      this.#active.push({ record, left: record.outputTokens, lastMs: this.#nowMs });
    }
  }

  #step(): void {
    const { continuous, rowMs } = this.options;
    if (continuous) this.#countBatch(this.#active.length);
    this.#nowMs += (4 + this.#active.length * rowMs) * this.#mood * Math.exp(0.05 * this.random.normal());
    this.#counters.rows += this.#active.length;
    for (const entry of this.#active) {
      if (entry.left <= 0) this.#counters.paddingTokens += 1;
      entry.left -= 1;
      if (continuous && entry.record.firstTokenMs === null) entry.record.firstTokenMs = this.#nowMs;
      else if (continuous) entry.record.gapsMs.push(this.#nowMs - entry.lastMs);
      entry.lastMs = this.#nowMs;
    }
    const ended = this.#active.filter((entry) => entry.left <= 0);
    if (continuous || ended.length === this.#active.length) this.#finish(ended);
  }

  #finish(ended: readonly Active[]): void {
    for (const { record } of ended) {
      const failed = this.random.uniform() < this.options.failures;
      const nowMs = this.#nowMs;
      Object.assign(record, { lastTokenMs: nowMs, endedMs: nowMs, firstTokenMs: record.firstTokenMs ?? nowMs });
      if (failed) Object.assign(record, { status: "failed", errorCode: "engine_failed", error: "the step failed" });
      this.#done.push(record);
      this.#send(nowMs + 0.2 * this.random.uniform());
    }
    this.#active = this.#active.filter((entry) => !ended.includes(entry));
  }

  #countBatch(size: number): void {
    this.#counters.batches += 1;
    this.#counters.batchSizes[size] = (this.#counters.batchSizes[size] ?? 0) + 1;
  }
}

function lowestFree(active: readonly Active[]): number {
  const used = new Set(active.map((entry) => entry.record.slot));
  let slot = 0;
  while (used.has(slot)) slot += 1;
  return slot;
}

function workerFields(workers: number, random: Random): Partial<RunResult> {
  const p50 = Math.min(99, 90 + workers + random.normal());
  return {
    workers,
    cpuPercent: { count: 20, mean: p50, min: p50 - 8, max: p50 + 1, p50, p90: p50, p95: p50, p99: p50 },
  };
}

const NAMED: Record<string, Omit<SimulatedRun, "label">> = {
  sequential: { maxBatch: 1, waitMs: 0, continuous: true, baseline: true },
  naive: { maxBatch: 4, waitMs: 1e9 },
  "async-naive": { maxBatch: 4, waitMs: 500 },
  static: { maxBatch: 8, waitMs: 20 },
  dynamic: { maxBatch: 10, waitMs: 50 },
  continuous: { maxBatch: 32, continuous: true },
};

/** A bench of the named schedulers. */
export function simulatedBench(
  options: { labels?: string[]; sizes?: number[]; runs?: number; slowness?: number; seed?: number } = {},
): Results {
  const { labels = Object.keys(NAMED), sizes = [25, 50, 100], runs = 3, slowness = 1, seed = 1 } = options;
  const all: RunResult[] = [];
  for (const size of sizes)
    for (let run = 1; run <= runs; run++)
      for (const [i, label] of labels.entries())
        all.push(simulatedRun({ label, size, run, slowness, seed: seed * 100 + i, ...settingsFor(label, i) }));
  return resultsOf({ runs: all });
}

/** Labels that are not a scheduler's name get variants of their own. */
function settingsFor(label: string, index: number): Omit<SimulatedRun, "label"> {
  return (
    NAMED[label] ?? {
      policy: label.split(" ")[0] ?? label,
      maxBatch: 1 + index,
      waitMs: 5 * index,
      continuous: label.startsWith("continuous"),
    }
  );
}

/** The static-batching lab: six pairs and the un-batched baseline. */
export function simulatedLab(
  options: { runs?: number; total?: number; concurrency?: number; rowMs?: number; failures?: number } = {},
): Results {
  const { runs = 3, total = 300, concurrency = 50, rowMs = 0.8, failures = 0 } = options;
  const pairs = [
    [1, 0],
    [2, 10],
    [4, 10],
    [8, 20],
    [16, 20],
    [32, 50],
  ] as const;
  const all: RunResult[] = [];
  for (let run = 1; run <= runs; run++) {
    const common = { size: total, run, concurrency, rowMs, failures };
    all.push(
      simulatedRun({
        ...common,
        label: "sequential",
        maxBatch: 1,
        waitMs: 0,
        continuous: true,
        baseline: true,
        seed: 50,
      }),
    );
    for (const [i, [maxBatch, waitMs]] of pairs.entries()) {
      all.push(
        simulatedRun({
          ...common,
          label: `static maxBatchSize=${maxBatch} maxWaitMs=${waitMs}`,
          policy: "static",
          maxBatch,
          waitMs,
          axes: { maxBatchSize: maxBatch, maxWaitMs: waitMs },
          seed: 60 + i,
        }),
      );
    }
  }
  const axes: Axis[] = [
    { name: "maxBatchSize", role: "batch-limit", values: pairs.map(([size]) => size) },
    { name: "maxWaitMs", role: "batch-wait", values: [0, 10, 20, 50] },
  ];
  return resultsOf({ axes, runs: all });
}

/** The scheduling experiment: batch timeout × max batch × short-job-first. */
export function simulatedGrid(runs = 3): Results {
  const all: RunResult[] = [];
  const waits = [5, 10, 25, 50];
  const batches = [2, 4, 8];
  for (let run = 1; run <= runs; run++)
    for (const [i, waitMs] of waits.entries())
      for (const [j, maxBatch] of batches.entries())
        for (const sjf of [true, false])
          all.push(
            simulatedRun({
              label: `static wait=${waitMs} batch=${maxBatch} sjf=${sjf}`,
              policy: "static",
              size: 8,
              concurrency: 8,
              minTokens: 64,
              maxTokens: 64,
              run,
              maxBatch,
              waitMs,
              axes: { maxWaitMs: waitMs, maxBatchSize: maxBatch, shortJobFirst: sjf },
              seed: 100 + i * 10 + j + (sjf ? 500 : 0),
            }),
          );
  return resultsOf({
    axes: [
      { name: "maxWaitMs", role: "batch-wait", values: waits },
      { name: "maxBatchSize", role: "batch-limit", values: batches },
      { name: "shortJobFirst", role: "short-first", values: [true, false] },
    ],
    runs: all,
  });
}

/** Worker counts 1, 2 and 4 on a machine that more workers only slow down. */
export function simulatedWorkers(trials = 3): Results {
  const all: RunResult[] = [];
  for (let run = 1; run <= trials; run++)
    for (const workers of [1, 2, 4])
      all.push(
        simulatedRun({
          label: `${workers} workers`,
          policy: "continuous",
          size: 8,
          run,
          concurrency: 8,
          continuous: true,
          maxBatch: Math.ceil(8 / workers),
          slowness: workers ** 0.6,
          workers,
          seed: 7 + workers,
        }),
      );
  return resultsOf({ runs: all });
}
