/** Prometheus metrics under vLLM's names, labels and meanings, and some of Sluice's own. */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Histogram, Registry } from "prom-client";
import type { SluiceError } from "../errors.js";
import type { HostStats } from "../host/protocol.js";
import { decodeMs, latencyMs, prefillMs, processingMs, queueMs, tpotMs, ttftMs } from "../metrics/request.js";
import type { FailedEvent, FinishedEvent, StartedEvent } from "../scheduler/events.js";
import { BUCKETS, tokenBuckets } from "./buckets.js";
import { hostMetrics } from "./host-metrics.js";
import type { Trace, TrafficObserver } from "./traffic.js";

export interface MetricsOptions {
  /** `sluice`, or `vllm` for dashboards made for vLLM. */
  readonly namespace: string;
  readonly modelName: string;
  /** Number of the worker: vLLM's `engine` label. */
  readonly engine: string;
  readonly contextSize: number;
}

/** Which refusals count as rejections, and under which reason. */
const REJECTIONS: Readonly<Record<string, string>> = {
  queue_full: "queue_full",
  shutting_down: "shutting_down",
  unauthorized: "unauthorized",
  payload_too_large: "payload_too_large",
  context_length_exceeded: "context_length_exceeded",
  invalid_request: "invalid_request",
  unsupported_field: "invalid_request",
  model_not_found: "model_not_found",
};

export class ServerMetrics implements TrafficObserver {
  readonly registry = new Registry();
  readonly #eventLoopDelay: IntervalHistogram;
  readonly #promptTokens: Counter;
  readonly #success: Counter<"finished_reason">;
  readonly #failures: Counter<"code">;
  readonly #rejections: Counter<"reason">;
  readonly #histograms: ReturnType<typeof latencyHistograms>;
  #stats: HostStats | undefined;

  constructor(options: MetricsOptions) {
    this.registry.setDefaultLabels({ model_name: options.modelName, engine: options.engine });
    this.#eventLoopDelay = monitorEventLoopDelay({ resolution: 20 });
    this.#eventLoopDelay.enable();
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
      new Counter<Label>({
        name: `${options.namespace}:${name}`,
        help,
        labelNames,
        registers: [this.registry],
      });
    this.#promptTokens = counter("prompt_tokens_total", "Prompt tokens of requests that began to run.");
    this.#success = counter("request_success_total", "Requests that ended, by the way they ended.", [
      "finished_reason",
    ]);
    this.#failures = counter("request_failure_total", "Accepted requests that failed, by error code.", ["code"]);
    this.#rejections = counter("request_rejections_total", "Requests refused before the queue, by reason.", ["reason"]);
    this.#histograms = latencyHistograms(this.registry, options);
    const snapshot = { stats: () => this.#stats, eventLoopDelay: this.#eventLoopDelay };
    for (const metric of hostMetrics(options.namespace, snapshot)) this.registry.registerMetric(metric as never);
  }

  /** The page, with the host's counters as of `stats`; undefined leaves them out. */
  async page(stats: HostStats | undefined): Promise<string> {
    this.#stats = stats;
    return this.registry.metrics();
  }

  /** The same as plain data that can cross to another process. */
  async data(stats: HostStats | undefined): Promise<object[]> {
    this.#stats = stats;
    return this.registry.getMetricsAsJSON();
  }

  /** An error was answered instead of a result. */
  refused(error: SluiceError): void {
    const reason = REJECTIONS[error.code];
    if (reason !== undefined) this.#rejections.inc({ reason });
  }

  started({ life, promptTokens }: Trace, event: StartedEvent): void {
    if (event.nowMs !== life.startedMs) return;
    this.#promptTokens.inc(promptTokens);
    observe(this.#histograms.queue, queueMs(life));
  }

  firstToken({ life }: Trace): void {
    observe(this.#histograms.ttft, ttftMs(life));
  }

  gap(_trace: Trace, gapMs: number): void {
    observe(this.#histograms.interToken, gapMs);
  }

  finished({ life, maxTokens }: Trace, event: FinishedEvent): void {
    const histograms = this.#histograms;
    this.#success.inc({ finished_reason: event.reason });
    observe(histograms.latency, latencyMs(life));
    observe(histograms.inference, processingMs(life));
    observe(histograms.prefill, prefillMs(life));
    observe(histograms.decode, decodeMs(life));
    observe(histograms.perToken, tpotMs(life));
    histograms.promptTokens.observe(event.promptTokens);
    histograms.generationTokens.observe(event.completionTokens);
    histograms.maxTokens.observe(maxTokens);
  }

  failed(_trace: Trace, event: FailedEvent): void {
    if (event.error.code === "cancelled") this.#success.inc({ finished_reason: "abort" });
    else this.#failures.inc({ code: event.error.code });
  }

  close(): void {
    this.#eventLoopDelay.disable();
  }
}

/** Prometheus counts in seconds, and what a request has not is no sample. */
function observe(histogram: Histogram, durationMs: number | null): void {
  if (durationMs !== null) histogram.observe(durationMs / 1000);
}

function latencyHistograms(registry: Registry, options: MetricsOptions) {
  const histogram = (name: string, help: string, buckets: readonly number[]) =>
    new Histogram({ name: `${options.namespace}:${name}`, help, buckets: [...buckets], registers: [registry] });
  const tokens = tokenBuckets(options.contextSize);
  return {
    ttft: histogram("time_to_first_token_seconds", "From arrival to the first text.", BUCKETS.firstTokenS),
    interToken: histogram("inter_token_latency_seconds", "Between a request's chunks of text.", BUCKETS.perTokenS),
    perToken: histogram(
      "request_time_per_output_token_seconds",
      "Per request: from first text to last token, divided by the tokens after the first.",
      BUCKETS.perTokenS,
    ),
    latency: histogram("e2e_request_latency_seconds", "From arrival to the last token.", BUCKETS.requestS),
    queue: histogram("request_queue_time_seconds", "From arrival to the start.", BUCKETS.requestS),
    inference: histogram("request_inference_time_seconds", "From the start to the last token.", BUCKETS.requestS),
    prefill: histogram("request_prefill_time_seconds", "From the start to the first text.", BUCKETS.requestS),
    decode: histogram("request_decode_time_seconds", "From the first text to the last token.", BUCKETS.requestS),
    promptTokens: histogram("request_prompt_tokens", "Prompt tokens per request.", tokens),
    generationTokens: histogram("request_generation_tokens", "Generated tokens per request.", tokens),
    maxTokens: histogram("request_params_max_tokens", "max_tokens per request.", tokens),
  };
}
