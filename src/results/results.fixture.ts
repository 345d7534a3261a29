import type { RequestRecord, Results, RunResult, RunSummary } from "./schema.js";

/** Hand-made records, runs and results for tests: everything that a test does not name has a plain value. */
export function recordOf(given: Partial<RequestRecord> = {}): RequestRecord {
  return {
    seq: 1,
    id: "r1",
    status: "ok",
    errorCode: null,
    error: null,
    httpStatus: null,
    finishReason: "length",
    slot: 0,
    batch: 1,
    batchSize: 1,
    prompt: "Once upon a time",
    output: " there was",
    inputTokens: 4,
    outputTokens: 2,
    tokenCountSource: "engine",
    intendedMs: 0,
    dispatchedMs: 0,
    startedMs: 10,
    firstTokenMs: 20,
    lastTokenMs: 30,
    endedMs: 30,
    gapsMs: [10],
    preemptions: 0,
    reusedTokens: 0,
    paddingTokens: 0,
    ...given,
  };
}

const EMPTY_SUMMARY: RunSummary = {
  requests: 0,
  ok: 0,
  failed: 0,
  rejected: 0,
  cancelled: 0,
  errors: {},
  durationMs: 0,
  requestsPerSec: 0,
  tokensPerSec: 0,
  inputTokens: 0,
  outputTokens: 0,
  latencyMs: null,
  scheduledLatencyMs: null,
  ttftMs: null,
  tpotMs: null,
  itlMs: null,
  queueMs: null,
  processingMs: null,
  clientLagMs: null,
  clientKeptUp: true,
  batches: null,
  batchSizeMean: null,
  batchEfficiency: null,
  paddingTokens: null,
  goodput: null,
};

export function runOf(given: Partial<RunResult> = {}): RunResult {
  return {
    label: "static",
    policy: "static",
    policyOptions: {},
    order: "fcfs",
    axes: {},
    baseline: false,
    requestSize: 1,
    run: 1,
    target: { kind: "simulated", url: null },
    clock: "virtual",
    startedAtMs: 0,
    workers: null,
    cpuPercent: null,
    summary: EMPTY_SUMMARY,
    batchSizes: [],
    counters: null,
    host: null,
    requests: [],
    ...given,
  };
}

export function resultsOf(given: Partial<Results> = {}): Results {
  return {
    schemaVersion: 1,
    manifest: {
      tool: "sluice",
      version: "0.1.0",
      commit: null,
      dirty: null,
      command: "bench",
      commandLine: ["bench"],
      seed: 1,
      model: { name: "mock", kind: "mock", file: null, sha256: null, sizeBytes: null, device: null },
      machine: { cpu: "test", cores: 2, memoryBytes: 1, platform: "linux", arch: "x64", node: "v20.0.0" },
      startedAt: "2026-01-01T00:00:00.000Z",
      endedAt: "2026-01-01T00:00:01.000Z",
      interrupted: false,
    },
    settings: {},
    axes: [],
    runs: [runOf({ requests: [recordOf()] })],
    ...given,
  };
}
