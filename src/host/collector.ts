import { SluiceError } from "../errors.js";
import { Lifetime } from "../metrics/lifetime.js";
import { latencyMs, queueMs, ttftMs } from "../metrics/request.js";
import type { FinishedEvent, SchedulerEvent } from "../scheduler/events.js";
import type { FinishReason, SampledLogprobs } from "../scheduler/request.js";

/** A piece of output as it comes. */
export interface Chunk {
  readonly text: string;
  readonly tokens: readonly number[];
  /** One a token when the request asked for them, else empty. */
  readonly logprobs: readonly SampledLogprobs[];
}

/** A finished request. Its times are defined in docs/metrics.md; they begin when it was submitted. */
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
  readonly #life: Lifetime;

  constructor(submittedMs: number) {
    this.#life = new Lifetime(submittedMs);
  }

  take(event: SchedulerEvent): void {
    this.#life.take(event);
    if (event.type === "tokens") {
      const { text, tokens, logprobs } = event;
      this.chunks.push({ text, tokens, logprobs });
    } else if (event.type === "finished") this.completion = this.#complete(event);
    else if (event.type === "failed") this.failure = SluiceError.fromData(event.error);
  }

  #complete(finished: FinishedEvent): Completion {
    const { id, reason, promptTokens, completionTokens, reusedTokens, preemptions } = finished;
    const { batch, batchSize, slot } = this.#life.placement;
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
      batch: batch!,
      batchSize: batchSize!,
      slot: slot!,
      queueMs: queueMs(this.#life)!,
      ttftMs: ttftMs(this.#life)!,
      latencyMs: latencyMs(this.#life)!,
    };
  }
}
