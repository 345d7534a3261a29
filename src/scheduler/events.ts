import type { ErrorData } from "../errors.js";
import type { FinishReason, SampledLogprobs } from "./request.js";

/** What the scheduler tells about its requests: plain data that can cross a message port. Times are on its clock. */
export type SchedulerEvent = StartedEvent | TokensEvent | PreemptedEvent | FinishedEvent | FailedEvent;

/** The request left the queue and holds a slot. Sent again after a preemption. */
export interface StartedEvent {
  readonly type: "started";
  readonly id: string;
  readonly nowMs: number;
  readonly slot: number;
  /** Number of the batch it runs in, from 1. Policies that admit while running count every step as a batch. */
  readonly batch: number;
  /** Sequences in that batch. */
  readonly batchSize: number;
}

/** New output. A policy that delivers at batch end sends one such event with everything. */
export interface TokensEvent {
  readonly type: "tokens";
  readonly id: string;
  readonly nowMs: number;
  readonly tokens: readonly number[];
  readonly text: string;
  /** One entry a token when the request asked for log-probabilities, else empty. */
  readonly logprobs: readonly SampledLogprobs[];
}

/** The slot was needed for a more urgent request; the sequence waits again and will be recomputed. */
export interface PreemptedEvent {
  readonly type: "preempted";
  readonly id: string;
  readonly nowMs: number;
}

export interface FinishedEvent {
  readonly type: "finished";
  readonly id: string;
  readonly nowMs: number;
  readonly reason: FinishReason;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens whose cells were copied instead of computed. */
  readonly reusedTokens: number;
  readonly paddingTokens: number;
  readonly preemptions: number;
}

/** The request ended without its output: cancelled, past its deadline, or a failure. */
export interface FailedEvent {
  readonly type: "failed";
  readonly id: string;
  readonly nowMs: number;
  readonly error: ErrorData;
}
