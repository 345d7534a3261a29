/** Results as a bench would measure them, from a few lines of simulation: test data for charts, findings and reports. */

import { Random } from "../random.js";
import { newCounters } from "../scheduler/counters.js";
import { summarize } from "./measure.js";
import { recordOf, resultsOf, runOf } from "./results.fixture.js";
import type { RequestRecord, Results, RunResult, SettingValue } from "./results.js";

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
  /** Open loop: requests per second; undefined is a closed loop of `concurrency` clients. */
  rate?: number;
}

interface Active {
  record: RequestRecord;
  left: number;
  lastMs: number;
}

/** One run, simulated step by step: a step of n rows takes 4 ms + n · rowMs. */
export function simulatedRun(given: SimulatedRun): RunResult {
  const { label, size = 50, run = 1, concurrency = 10, maxBatch = 8, waitMs = 20, continuous = false } = given;
  const { rowMs = 0.8, minTokens = 8, maxTokens = 64, noise = 0.03, slowness = 1, seed = 1 } = given;
  const random = new Random(seed * 1000 + run);
  const mood = slowness * Math.exp(noise * random.normal());
  const waiting: RequestRecord[] = [];
  const done: RequestRecord[] = [];
  const counters = newCounters();
  let active: Active[] = [];
  let nowMs = 0;
  let sent = 0;
  const send = (atMs: number): void => {
    if (sent >= size) return;
    sent += 1;
    const outputTokens = random.integer(minTokens, maxTokens);
    waiting.push(
      recordOf({ seq: sent, id: `r${sent}`, inputTokens: 12, outputTokens, intendedMs: atMs, dispatchedMs: atMs }),
    );
  };
  if (given.rate === undefined) for (let i = 0; i < concurrency; i++) send(random.uniform());
  else for (let i = 0; i < size; i++) send((i * 1000) / given.rate);
  const arrived = (): number => waiting.filter((record) => record.dispatchedMs <= nowMs).length;

  while (done.length < size) {
    const ready = arrived();
    const oldest = waiting[0]?.dispatchedMs ?? Number.POSITIVE_INFINITY;
    const full =
      ready >= maxBatch ||
      (ready > 0 && nowMs >= oldest + waitMs) ||
      (ready > 0 && sent === size && given.rate === undefined);
    if (continuous ? ready > 0 && active.length < maxBatch : active.length === 0 && full) {
      const started = waiting.splice(0, Math.min(ready, maxBatch - active.length));
      counters.batches += continuous ? 0 : 1;
      started.forEach((record, i) => {
        const slot = lowestFree(active);
        const batchSize = continuous ? active.length + started.length - i : started.length;
        Object.assign(record, {
          startedMs: nowMs,
          slot,
          batch: counters.batches || null,
          batchSize,
          firstTokenMs: null,
          gapsMs: [],
        });
        active.push({ record, left: record.outputTokens, lastMs: nowMs });
      });
      if (!continuous) counters.batchSizes[started.length] = (counters.batchSizes[started.length] ?? 0) + 1;
    }
    if (active.length === 0) {
      nowMs = Math.max(nowMs + 0.5, ready === 0 ? oldest : Math.min(oldest + waitMs, nowMs + 5));
      continue;
    }
    if (continuous) {
      counters.batches += 1;
      counters.batchSizes[active.length] = (counters.batchSizes[active.length] ?? 0) + 1;
    }
    nowMs += (4 + active.length * rowMs) * mood * Math.exp(0.05 * random.normal());
    counters.rows += active.length;
    for (const entry of active) {
      if (entry.left <= 0) counters.paddingTokens += 1;
      entry.left -= 1;
      if (continuous && entry.record.firstTokenMs === null) entry.record.firstTokenMs = nowMs;
      else if (continuous) entry.record.gapsMs.push(nowMs - entry.lastMs);
      entry.lastMs = nowMs;
    }
    const over = continuous
      ? active.filter((entry) => entry.left <= 0)
      : active.every((entry) => entry.left <= 0)
        ? active
        : [];
    for (const { record } of over) {
      const failed = random.uniform() < (given.failures ?? 0);
      Object.assign(record, { lastTokenMs: nowMs, endedMs: nowMs, firstTokenMs: record.firstTokenMs ?? nowMs });
      if (failed) Object.assign(record, { status: "failed", errorCode: "engine_failed", error: "the step failed" });
      done.push(record);
      if (given.rate === undefined) send(nowMs + 0.2 * random.uniform());
    }
    active = active.filter((entry) => !over.includes(entry));
  }
  const batchSizes = Array.from(counters.batchSizes, (count) => count ?? 0);
  const full = { ...counters, batchSizes };
  done.sort((a, b) => a.seq - b.seq);
  return runOf({
    label,
    policy: given.policy ?? label,
    policyOptions: { maxBatchSize: maxBatch, maxWaitMs: waitMs },
    axes: given.axes ?? {},
    baseline: given.baseline ?? false,
    requestSize: size,
    run,
    summary: summarize(done, { counters: full, objectives: [] }),
    batchSizes,
    counters: full,
    requests: done,
    ...(given.workers === undefined ? {} : workerFields(given.workers, random)),
  });
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

/** Labels that are not a scheduler's name get settings of their own. */
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
  const axes = [
    { name: "maxBatchSize", values: pairs.map(([size]) => size) },
    { name: "maxWaitMs", values: [0, 10, 20, 50] },
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
      { name: "maxWaitMs", values: waits },
      { name: "maxBatchSize", values: batches },
      { name: "shortJobFirst", values: [true, false] },
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
