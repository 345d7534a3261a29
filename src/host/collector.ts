import { SluiceError } from "../errors.js";
import type { FinishedEvent, SchedulerEvent, StartedEvent } from "../scheduler/events.js";
import type { FinishReason, SampledLogprobs } from "../scheduler/request.js";

/** A piece of output as it comes. */
export interface Chunk {
  readonly text: string;
  readonly tokens: readonly number[];
  /** One a token when the request asked for them, else empty. */
  readonly logprobs: readonly SampledLogprobs[];
}

/** A finished request. Times are milliseconds since it was submitted. */
export interface Completion extends Chunk {
  readonly id: string;
  readonly finishReason: FinishReason;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens that were copied from another sequence instead of computed. */
  readonly reusedTokens: number;
  readonly preemptions: number;
  /** Number of the batch that it started in, and how many sequences that had. */
  readonly batch: number;
  readonly batchSize: number;
  readonly slot: number;
  readonly queueMs: number;
  readonly ttftMs: number;
  readonly latencyMs: number;
}

/** Puts together what the events of one request tell. */
export class Collector {
  readonly chunks: Chunk[] = [];
  /** Set by the last event, one or the other. */
  completion: Completion | undefined;
  failure: SluiceError | undefined;
  #started: StartedEvent | undefined;
  #firstTextMs = Number.NaN;

  constructor(private readonly submittedMs: number) {}

  take(event: SchedulerEvent): void {
    if (event.type === "started") this.#started ??= event;
    else if (event.type === "tokens") {
      const { text, tokens, logprobs } = event;
      if (text !== "" && Number.isNaN(this.#firstTextMs)) this.#firstTextMs = event.nowMs;
      this.chunks.push({ text, tokens, logprobs });
    } else if (event.type === "finished") this.completion = this.#complete(event);
    else if (event.type === "failed") this.failure = SluiceError.fromData(event.error);
  }

  #complete(finished: FinishedEvent): Completion {
    const { id, reason, promptTokens, completionTokens, reusedTokens, preemptions, nowMs } = finished;
    const { batch, batchSize, slot, nowMs: startedMs } = this.#started!;
    return {
      id,
      text: this.chunks.map((chunk) => chunk.text).join(""),
      tokens: this.chunks.flatMap((chunk) => chunk.tokens),
      logprobs: this.chunks.flatMap((chunk) => chunk.logprobs),
      finishReason: reason,
      promptTokens,
      completionTokens,
      reusedTokens,
      preemptions,
      batch,
      batchSize,
      slot,
      queueMs: startedMs - this.submittedMs,
      ttftMs: (Number.isNaN(this.#firstTextMs) ? nowMs : this.#firstTextMs) - this.submittedMs,
      latencyMs: nowMs - this.submittedMs,
    };
  }
}
