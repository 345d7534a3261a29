/**
 * A peer is a system that a user could take instead of Sluice. This file states what the comparison asks of one:
 * install yourself, start on a model, and be measured by the same requests as everyone else.
 *
 * Peers that speak HTTP are measured from outside by Sluice's own load client. The others run a driver that holds the
 * model and answers one workload at a time, so that measurements of all peers can be interleaved.
 */
export interface Peer {
  readonly name: string;
  /** What limits or distinguishes the peer's set-up, in one line for the table's footnotes. */
  readonly note: string;
  /** What part of a workload's requests it is given, so that a round of a slow peer stays under a minute; 1 unless set. */
  readonly requestShare?: number;
  /** Whether it can do a workload (workloads.ts) at all; it can unless this says no. */
  canRun?(workload: string): boolean;
  /** Downloads and builds what is missing. Safe to call again. */
  setup(): Promise<void>;
  start(options: StartOptions): Promise<RunningPeer>;
}

export interface StartOptions {
  /** A GGUF file of GPT-2's architecture. */
  readonly modelPath: string;
  readonly threads: number;
  /** The most requests that will be in flight at once. */
  readonly slots: number;
  /** The longest request: prompt and output together, in tokens. */
  readonly contextPerSlot: number;
  /** Where an HTTP peer listens on 127.0.0.1. */
  readonly port: number;
}

export type RunningPeer = ServedPeer | DrivenPeer;

/** A server with OpenAI's completions API. */
export interface ServedPeer {
  readonly kind: "http";
  /** Without a trailing slash and without `/v1`. */
  readonly baseUrl: string;
  stop(): Promise<void>;
}

export interface DrivenPeer {
  readonly kind: "driver";
  measure(workload: Workload): Promise<Measurement>;
  stop(): Promise<void>;
}

/** What every peer is given; pacing.mjs says how it is sent. */
export interface Workload {
  /** Clients of a closed loop. */
  readonly concurrency: number;
  readonly requests: readonly WorkloadRequest[];
  readonly sampling: Sampling;
}

export interface WorkloadRequest {
  readonly prompt: string;
  /** Exactly this many tokens are generated: the end-of-sequence token is ignored. */
  readonly maxTokens: number;
  /** Open loop: when it is sent, in ms after the start. All requests of a workload have one or none has. */
  readonly atMs?: number;
}

export interface Sampling {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export interface Measurement {
  /** From the first request sent to the last token received. */
  readonly wallMs: number;
  readonly samples: readonly Sample[];
}

/** One finished request, its times counted from the moment it was sent. */
export interface Sample {
  readonly ttftMs: number;
  readonly latencyMs: number;
  readonly outputTokens: number;
}

export function tokensPerSec(measurement: Measurement): number {
  const tokens = measurement.samples.reduce((sum, sample) => sum + sample.outputTokens, 0);
  return (tokens / measurement.wallMs) * 1000;
}
