import type { SchedulerEvent } from "./events.js";
import type { FinishReason, SampledLogprobs, Sequence } from "./request.js";
import type { Sample } from "./step.js";

/** Turns what sequences produce into events. */
export interface Delivery {
  /** @param samples in their order, at least one */
  sampled(sequence: Sequence, samples: readonly Sample[], nowMs: number): void;
  finished(sequence: Sequence, reason: FinishReason, nowMs: number): void;
  /** The sequence failed: nothing that is held back for it is delivered. */
  dropped(sequence: Sequence): void;
  batchEnded(nowMs: number): void;
}

type Emit = (event: SchedulerEvent) => void;

/** Tokens go out as they come. */
export class StreamedDelivery implements Delivery {
  constructor(private readonly emit: Emit) {}

  sampled({ id }: Sequence, samples: readonly Sample[], nowMs: number): void {
    const tokens = samples.map(({ token }) => token);
    const text = samples.length === 1 ? samples[0]!.text : samples.map((sample) => sample.text).join("");
    this.emit({ type: "tokens", id, nowMs, tokens, text, logprobs: logprobsOf(samples) });
  }

  finished(sequence: Sequence, reason: FinishReason, nowMs: number): void {
    this.emit(finishedEvent(sequence, reason, nowMs));
  }

  dropped(): void {}

  batchEnded(): void {}
}

interface HeldOutput {
  tokens: number[];
  text: string;
  logprobs: SampledLogprobs[];
  reason: FinishReason | undefined;
}

/** Everything goes out when the whole batch has ended, as `model.generate` returns. */
export class BatchEndDelivery implements Delivery {
  readonly #held = new Map<Sequence, HeldOutput>();

  constructor(private readonly emit: Emit) {}

  sampled(sequence: Sequence, samples: readonly Sample[]): void {
    const held = this.#heldFor(sequence);
    for (const { token, text } of samples) {
      held.tokens.push(token);
      held.text += text;
    }
    held.logprobs.push(...logprobsOf(samples));
  }

  finished(sequence: Sequence, reason: FinishReason): void {
    this.#heldFor(sequence).reason = reason;
  }

  dropped(sequence: Sequence): void {
    this.#held.delete(sequence);
  }

  batchEnded(nowMs: number): void {
    for (const [sequence, { tokens, text, logprobs, reason }] of this.#held) {
      if (reason === undefined) continue; // preempted: it goes on in a later batch
      this.emit({ type: "tokens", id: sequence.id, nowMs, tokens, text, logprobs });
      this.emit(finishedEvent(sequence, reason, nowMs));
      this.#held.delete(sequence);
    }
  }

  #heldFor(sequence: Sequence): HeldOutput {
    let held = this.#held.get(sequence);
    if (held === undefined) {
      held = { tokens: [], text: "", logprobs: [], reason: undefined };
      this.#held.set(sequence, held);
    }
    return held;
  }
}

function logprobsOf(samples: readonly Sample[]): SampledLogprobs[] {
  const all: SampledLogprobs[] = [];
  for (const { logprobs } of samples) if (logprobs !== undefined) all.push(logprobs);
  return all;
}

function finishedEvent(sequence: Sequence, reason: FinishReason, nowMs: number): SchedulerEvent {
  return {
    type: "finished",
    id: sequence.id,
    nowMs,
    reason,
    promptTokens: sequence.request.promptTokens.length,
    completionTokens: sequence.generated,
    reusedTokens: sequence.reusedTokens,
    paddingTokens: sequence.paddingTokens,
    preemptions: sequence.preemptions,
  };
}
