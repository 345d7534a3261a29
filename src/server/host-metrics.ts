/**
 * Metrics that the engine host counts itself. They are not counted a second time here: each is read from the newest
 * snapshot when the page is asked for, in the form that prom-client's registry prints and aggregates.
 */
import type { IntervalHistogram } from "node:perf_hooks";
import type { HostStats } from "../host/protocol.js";
import { snakeCase } from "../naming.js";
import { COUNTERS, type CounterName } from "../scheduler/counters.js";

interface Value {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
}

/** What prom-client's registry asks of a metric. */
export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  get(): Promise<ReadMetric & { values: Value[]; aggregator: "sum" }>;
}

export interface Snapshot {
  stats(): HostStats | undefined;
  readonly eventLoopDelay: IntervalHistogram;
}

type Read = (stats: HostStats) => number;

type Row = readonly [name: string, help: string, read: Read];

const GAUGES: readonly Row[] = [
  ["num_requests_running", "Sequences that hold a slot.", (s) => s.running],
  ["num_requests_waiting", "Requests in the queue.", (s) => s.waiting],
  ["num_waiting_prompt_tokens", "Prompt tokens of the requests in the queue.", (s) => s.waitingTokens],
  ["kv_cache_usage_perc", "KV cells in use ÷ capacity, 0 to 1.", (s) => s.kvUsage],
  ["slots", "Slots of the engine.", (s) => s.slots],
];

/** Counters that vLLM has too bear its names, and those of requests say so. */
const NAMES: Partial<Record<CounterName, string>> = {
  preemptions: "num_preemptions_total",
  prefixQueriedTokens: "prefix_cache_queries_total",
  reusedTokens: "prefix_cache_hits_total",
  generatedTokens: "generation_tokens_total",
  submitted: "requests_submitted_total",
  finished: "requests_finished_total",
  failed: "requests_failed_total",
  batchSizes: "batch_size_sequences",
  stepSizes: "iteration_tokens_total",
};

/** What a counter of the scheduler is called on the page, without the namespace: `paddingTokens`: `padding_tokens_total`. */
export function counterName(name: CounterName): string {
  return NAMES[name] ?? `${snakeCase(name).replace(/_ms$/, "_seconds")}_total`;
}

const COUNTED: readonly Row[] = Object.entries(COUNTERS).flatMap(([key, { kind, meaning }]) => {
  if (kind === "histogram") return [];
  const name = key as CounterName;
  return [[counterName(name), meaning, (s) => (s.counters[name] as number) / (kind === "time" ? 1000 : 1)] as const];
});

/** Sums over time that the host keeps beside the scheduler's counters. */
const SUMS: readonly Row[] = [
  ["busy_seconds_total", "Time with at least one running sequence.", (s) => s.busyMs / 1000],
  ["step_gap_seconds_total", "Time between steps while there was work.", (s) => s.stepGapMs.total / 1000],
];

/** Upper bounds of the tokens of a step: vLLM's. */
const STEP_BOUNDS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384];

/** Upper bounds of the batch-fill histogram. */
const FILL_BOUNDS = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256];

export function hostMetrics(namespace: string, snapshot: Snapshot): ReadMetric[] {
  const plain = (type: "counter" | "gauge") => (row: Row) => {
    const [name, help, read] = row;
    return readMetric(`${namespace}:${name}`, help, type, () => {
      const stats = snapshot.stats();
      return stats === undefined ? [] : [{ value: read(stats), labels: {} }];
    });
  };
  return [
    ...GAUGES.map(plain("gauge")),
    ...[...COUNTED, ...SUMS].map(plain("counter")),
    batchFill(`${namespace}:${counterName("batchSizes")}`, snapshot),
    iterationTokens(`${namespace}:${counterName("stepSizes")}`, snapshot),
    stepGap(`${namespace}:step_gap_seconds`, snapshot),
    eventLoopDelay(`${namespace}:event_loop_delay_seconds`, snapshot),
    readMetric("process_cpu_seconds_total", "CPU time of the server's process, all threads.", "counter", () => {
      const { user, system } = process.cpuUsage();
      return [{ value: (user + system) / 1e6, labels: {} }];
    }),
    readMetric("process_resident_memory_bytes", "Resident memory of the server's process.", "gauge", () => [
      { value: process.memoryUsage.rss(), labels: {} },
    ]),
  ];
}

function readMetric(name: string, help: string, type: ReadMetric["type"], values: () => Value[]): ReadMetric {
  const metric: ReadMetric = {
    name,
    help,
    type,
    get: async () => ({ ...metric, values: values(), aggregator: "sum" }),
  };
  return metric;
}

function batchFill(name: string, snapshot: Snapshot): ReadMetric {
  return readMetric(name, "How many sequences each batch had: the batch fill.", "histogram", () => {
    const sizes = snapshot.stats()?.counters.batchSizes;
    if (sizes === undefined) return [];
    const sum = sizes.reduce((total, count, size) => total + (count ?? 0) * size, 0);
    const upTo = (bound: number) => sizes.slice(0, bound + 1).reduce((total, count) => total + (count ?? 0), 0);
    return histogramValues(name, FILL_BOUNDS, upTo, sum);
  });
}

function iterationTokens(name: string, snapshot: Snapshot): ReadMetric {
  return readMetric(name, "Tokens that each step of the engine computed.", "histogram", () => {
    const counters = snapshot.stats()?.counters;
    if (counters === undefined) return [];
    const upTo = (bound: number) =>
      counters.stepSizes.slice(0, Math.log2(bound) + 1).reduce((total, count) => total + count, 0);
    return histogramValues(name, STEP_BOUNDS, upTo, counters.stepTokens);
  });
}

/** @param upTo how many observations were at most so large; of Infinity: all */
function histogramValues(name: string, bounds: readonly number[], upTo: (bound: number) => number, sum: number) {
  const count = upTo(Number.POSITIVE_INFINITY);
  const bucket = (le: number | "+Inf", value: number): Value => ({
    metricName: `${name}_bucket`,
    labels: { le },
    value,
  });
  return [
    ...bounds.map((bound) => bucket(bound, upTo(bound))),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
}

function stepGap(name: string, snapshot: Snapshot): ReadMetric {
  return readMetric(name, "Time between two steps while there was work.", "gauge", () => {
    const gap = snapshot.stats()?.stepGapMs;
    if (gap === undefined) return [];
    const value = (quantile: string, ms: number) => ({ labels: { quantile }, value: ms / 1000 });
    return [value("0.5", gap.p50), value("0.99", gap.p99), value("1", gap.max)];
  });
}

function eventLoopDelay(name: string, snapshot: Snapshot): ReadMetric {
  return readMetric(name, "Delay of the main thread's event loop since the last scrape.", "gauge", () => {
    const delay = snapshot.eventLoopDelay;
    const value = (quantile: string, ns: number) => ({ labels: { quantile }, value: ns / 1e9 });
    const values = [value("0.5", delay.percentile(50)), value("0.99", delay.percentile(99)), value("1", delay.max)];
    delay.reset();
    return values;
  });
}
