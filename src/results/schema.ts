/**
 * The schema of `results.json`: all that a run of `bench`, `sweep`, `workers` or `loadtest` measured. The CSVs, charts
 * and reports are made from it and from nothing else.
 *
 * Times end in `Ms` and count from the start of their run; `null` stands for "there is none" (a mean of no samples, the
 * batch number at a server that does not tell). What each figure means is defined in docs/metrics.md.
 */
import { z } from "zod";
import { SluiceError } from "../errors.js";
import type { RequestTimes } from "../metrics/lifetime.js";
import type { Distribution } from "../metrics/quantile.js";
import { eachCounter, type SchedulerCounters } from "../scheduler/counters.js";
import { DEFAULT_PRECISION } from "./verdict.js";

export const SCHEMA_VERSION = 1;

/** How often a figure was measured and how it is spread. Percentiles interpolate linearly. */
const distributionSchema = z.object({
  count: z.int(),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
}) satisfies z.ZodType<Distribution>;

const requestRecordSchema = z.object({
  /** From 1, in the order of the intended times. */
  seq: z.int().min(1),
  id: z.string(),
  /** `rejected`: refused before it was queued (full queue, HTTP 503 or 429). */
  status: z.enum(["ok", "failed", "rejected", "cancelled"]),
  /** A code from docs/errors.md; null when all went well. */
  errorCode: z.string().nullable(),
  error: z.string().nullable(),
  /** What a remote target answered with. */
  httpStatus: z.int().nullable(),
  finishReason: z.enum(["stop", "length"]).nullable(),
  slot: z.int().nullable(),
  /** Number of the batch it ran in, from 1, and how many sequences were in it. */
  batch: z.int().nullable(),
  batchSize: z.int().nullable(),
  /** Lower is more urgent. */
  priority: z.int().default(0),
  user: z.string().default(""),
  /** Its deadline, counted from `dispatchedMs`; null: none. */
  timeoutMs: z.number().nullable().default(null),
  prompt: z.string(),
  output: z.string(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  /**
   * Who counted the tokens: the engine, the server's `usage`, or the client (one a chunk, an estimate), also where the
   * server's `usage` contradicts what came.
   */
  tokenCountSource: z.enum(["engine", "usage", "counted", "contradicted"]),
  /** When it was meant to be sent, and when it was. */
  intendedMs: z.number(),
  dispatchedMs: z.number(),
  /** When it left the queue. */
  startedMs: z.number().nullable(),
  firstTokenMs: z.number().nullable(),
  lastTokenMs: z.number().nullable(),
  /** When its end was known, well or badly. */
  endedMs: z.number(),
  /** Time from each chunk of output to the next; `firstTokenMs` is the first chunk's. */
  gapsMs: z.array(z.number()),
  preemptions: z.int(),
  reusedTokens: z.int(),
  paddingTokens: z.int(),
}) satisfies z.ZodType<RequestTimes>;

/** Every counter of the scheduler; a file from before one was counted reads as if it had counted nothing. */
const countersSchema = z.object(
  eachCounter(({ kind }) => {
    if (kind === "histogram") return z.array(z.int()).default([]);
    return kind === "time" ? z.number().default(0) : z.int().default(0);
  }),
) as unknown as z.ZodType<SchedulerCounters>;

const hostSchema = z.object({
  slots: z.int(),
  stepGapMs: z.object({ p50: z.number(), p99: z.number(), max: z.number(), total: z.number() }),
  busyMs: z.number(),
  kvUsage: z.number(),
});

const summarySchema = z.object({
  requests: z.int(),
  ok: z.int(),
  failed: z.int(),
  rejected: z.int(),
  cancelled: z.int(),
  /** Errors by HTTP status ("503") or error code ("cancelled"). */
  errors: z.record(z.string(), z.int()),
  /** From the first dispatch to the last end. */
  durationMs: z.number(),
  requestsPerSec: z.number(),
  tokensPerSec: z.number(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  latencyMs: distributionSchema.nullable(),
  scheduledLatencyMs: distributionSchema.nullable(),
  ttftMs: distributionSchema.nullable(),
  tpotMs: distributionSchema.nullable(),
  itlMs: distributionSchema.nullable(),
  queueMs: distributionSchema.nullable(),
  processingMs: distributionSchema.nullable(),
  /** Dispatched − intended: how late the client itself was. */
  clientLagMs: distributionSchema.nullable(),
  /** False: the client was too slow for its own plan, and its latencies are not the target's alone. */
  clientKeptUp: z.boolean(),
  batches: z.int().nullable(),
  batchSizeMean: z.number().nullable(),
  /** Rows that were not padding ÷ rows computed. */
  batchEfficiency: z.number().nullable(),
  paddingTokens: z.int().nullable(),
  /** Requests per second that met every objective of `--slo`, and their share; null without one. */
  goodput: z.object({ requests: z.int(), requestsPerSec: z.number(), share: z.number() }).nullable(),
  /** An open loop that the target could not follow: requests under way and TTFT rose all along. */
  overSaturated: z.boolean().default(false),
});

const settingValueSchema = z.union([z.number(), z.boolean(), z.string()]);

const runSchema = z.object({
  /** Names the series: the same in every repeat, size and chart. The policy, and what sets it apart where several share it. */
  label: z.string(),
  /** The policy's name, or the path of its file. */
  policy: z.string(),
  policyOptions: z.record(z.string(), settingValueSchema),
  order: z.string(),
  /** This run's place on the axes of a sweep; empty elsewhere. */
  axes: z.record(z.string(), settingValueSchema),
  /** The un-batched run that the others are held against. */
  baseline: z.boolean(),
  /** The most sequences that its scheduler runs at once; null at a server that was configured elsewhere. */
  maxSequences: z.int().nullable().default(null),
  /** Which load, where a command has several; "" where it has one. */
  load: z.string().default(""),
  /** Requests of a run under this load; an un-batched run may send a part of them, and its summary says how many. */
  requestSize: z.int(),
  /** Repeat, from 1. */
  run: z.int().min(1),
  target: z.object({ kind: z.enum(["in-process", "remote", "simulated"]), url: z.string().nullable() }),
  clock: z.enum(["real", "virtual"]),
  /** When it began, in milliseconds since the epoch: machine noise can be laid beside it. */
  startedAtMs: z.number(),
  /** Worker processes of the server, and CPU use in percent of all cores meanwhile (`sluice workers`). */
  workers: z.int().nullable(),
  cpuPercent: distributionSchema.nullable(),
  /** What else the machine did meanwhile; null in virtual time and where the system does not tell. */
  machine: z
    .object({
      /** Share of the cores' time that the hypervisor gave to others, in percent. */
      stealPercent: z.number().nullable(),
      /** Load average over the last minute, at the end. */
      load1: z.number(),
    })
    .nullable()
    .default(null),
  summary: summarySchema,
  /** `batchSizes[n]`: how many batches had n sequences. Empty when the target does not tell. */
  batchSizes: z.array(z.int()),
  counters: countersSchema.nullable(),
  host: hostSchema.nullable(),
  /** All of them, or where a run has too many to keep every `requestsEvery`-th; the summary counts all. */
  requests: z.array(requestRecordSchema),
  requestsEvery: z.int().min(1).default(1),
});

const manifestSchema = z.object({
  tool: z.literal("sluice"),
  version: z.string(),
  commit: z.string().nullable(),
  /** Whether the working tree differed from the commit. */
  dirty: z.boolean().nullable(),
  command: z.string(),
  commandLine: z.array(z.string()),
  seed: z.int(),
  model: z.object({
    name: z.string(),
    kind: z.string(),
    file: z.string().nullable(),
    sha256: z.string().nullable(),
    sizeBytes: z.number().nullable(),
    device: z.string().nullable(),
  }),
  machine: z.object({
    cpu: z.string(),
    cores: z.int(),
    memoryBytes: z.number(),
    platform: z.string(),
    arch: z.string(),
    node: z.string(),
  }),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** It was ended before its plan was through; what was measured until then is complete. */
  interrupted: z.boolean(),
});

/** How the runs of each variant are held against each other. */
const designSchema = z.object({
  /** After so many rounds the pairs were tested; empty: once, at the end. */
  looks: z.array(z.int()),
  /** A difference that is surely smaller, as a share, counts as none. */
  precision: z.number(),
  /** What decides: tokens per second, or mean latency where the load sets the pace. */
  figure: z.enum(["tokensPerSec", "meanLatency"]),
});

const axisSchema = z.object({
  name: z.string(),
  values: z.array(settingValueSchema),
  /** What the axis is, whatever the policy calls it: its largest batch, its wait for a batch to fill, short jobs first or not. */
  role: z.enum(["batch-limit", "batch-wait", "short-first"]).optional(),
});

export const resultsSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  manifest: manifestSchema,
  /** Every setting of the command with its final value, whoever gave it. */
  settings: z.record(z.string(), z.json()),
  /** What a sweep varied; empty elsewhere. */
  axes: z.array(axisSchema),
  design: designSchema.default({ looks: [], precision: DEFAULT_PRECISION, figure: "tokensPerSec" }),
  runs: z.array(runSchema),
});

export type RequestRecord = z.infer<typeof requestRecordSchema>;
export type RunSummary = z.infer<typeof summarySchema>;
export type RunHost = z.infer<typeof hostSchema>;
export type RunResult = z.infer<typeof runSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
export type SettingValue = z.infer<typeof settingValueSchema>;
export type ResultsDesign = z.infer<typeof designSchema>;
export type Axis = z.infer<typeof axisSchema>;
export type Results = z.infer<typeof resultsSchema>;

/**
 * The results that a text holds.
 *
 * @param source where the text came from, for the message
 * @throws SluiceError `results_invalid`: not JSON, another schema version, or a field that does not fit
 */
export function parseResults(text: string, source: string): Results {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new SluiceError("results_invalid", `${source} is not JSON; was it cut short?`, { cause: error });
  }
  return checkResults(data, source);
}

/**
 * Data as results.
 *
 * @throws SluiceError `results_invalid`
 */
export function checkResults(data: unknown, source: string): Results {
  const version = (data as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== SCHEMA_VERSION) {
    throw new SluiceError(
      "results_invalid",
      `${source} has schema version ${String(version)}, this Sluice reads ${SCHEMA_VERSION}; make the results anew`,
    );
  }
  const parsed = resultsSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SluiceError(
    "results_invalid",
    `${source}: ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "does not fit the schema"}; make the results anew`,
  );
}

/** The text of `results.json`. */
export function formatResults(results: Results): string {
  return [...resultsText(results)].join("");
}

/** The same in pieces, none of which is longer than a request or a run's figures: a whole may be longer than a string can be. */
export function* resultsText({ runs, ...head }: Results): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"runs":[`;
  for (const [index, run] of runs.entries()) {
    if (index > 0) yield ",";
    yield* runText(run);
  }
  yield "]}\n";
}

/** A run in JSON, on one line, in pieces. */
export function* runText({ requests, ...figures }: RunResult): Generator<string> {
  yield `${JSON.stringify(figures).slice(0, -1)},"requests":[`;
  for (const [index, record] of requests.entries()) yield `${index > 0 ? "," : ""}${JSON.stringify(record)}`;
  yield "]}";
}
