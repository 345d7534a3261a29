import type { RunResult, RunSummary } from "../results/schema.js";
import { counted, digits, duration, percent } from "./figures.js";

/** What the console shows of a run that has just ended. */
export function runBlock(run: RunResult, repeats: number): string {
  const { summary } = run;
  const load = run.load || counted(run.requestSize, "request");
  const lines = [
    `${run.label} · ${load} · run ${run.run}/${repeats}: ${outcome(summary)}`,
    `  ${digits(summary.requestsPerSec)} req/s, ${digits(summary.tokensPerSec)} tokens/s${batches(summary)}`,
    ...(summary.overSaturated ? SATURATED : latencyLines(summary)),
    ...objectiveLine(summary),
    ...clientLine(summary),
  ];
  return `${lines.join("\n")}\n`;
}

const SATURATED = [
  "  OVER-SATURATED: requests under way and time to first token rose all along. The percentiles of a queue that grows tell",
  "  how long the run was, not how quick the server is: lower the rate.",
];

function latencyLines({ latencyMs: latency, ttftMs: ttft, queueMs: queue, tpotMs: tpot }: RunSummary): string[] {
  return [
    `  latency p50 ${duration(latency?.p50)}, p95 ${duration(latency?.p95)}, p99 ${duration(latency?.p99)}, ` +
      `avg ${duration(latency?.mean)}, min ${duration(latency?.min)}, max ${duration(latency?.max)}`,
    `  first token p50 ${duration(ttft?.p50)}, p95 ${duration(ttft?.p95)}; per token p50 ${duration(tpot?.p50)}; ` +
      `queue p50 ${duration(queue?.p50)}, p95 ${duration(queue?.p95)}`,
  ];
}

function outcome(summary: RunSummary): string {
  const failures = Object.entries(summary.errors).map(([reason, count]) => `${count} × ${reason}`);
  const reasons = failures.length > 0 ? ` (${failures.join(", ")})` : "";
  return `${summary.ok} ok, ${summary.requests - summary.ok} failed${reasons} in ${duration(summary.durationMs)}`;
}

function batches({ batches, batchSizeMean, paddingTokens }: RunSummary): string {
  if (batches === null) return "";
  return `; mean batch ${digits(batchSizeMean)}, ${counted(paddingTokens ?? 0, "padding token")}`;
}

function objectiveLine({ goodput }: RunSummary): string[] {
  if (!goodput) return [];
  return [`  goodput ${digits(goodput.requestsPerSec)} req/s, ${percent(goodput.share)} of the requests`];
}

function clientLine({ clientKeptUp, clientLagMs }: RunSummary): string[] {
  if (clientKeptUp) return [];
  return [`  NOTE the client could not keep up: it sent ${duration(clientLagMs?.p99)} late (p99)`];
}
