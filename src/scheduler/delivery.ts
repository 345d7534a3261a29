import type { SchedulerEvent, TokensEvent } from "./events.js";
import type { FinishReason, Sequence } from "./request.js";
import type { Sample } from "./step.js";

/** Turns what sequences produce into events. */
export interface Delivery {
  sampled(sequence: Sequence, sample: Sample, nowMs: number): void;
  finished(sequence: Sequence, reason: FinishReason, nowMs: number): void;
  /** The sequence failed: nothing that is held back for it is delivered. */
  dropped(sequence: Sequence): void;
  batchEnded(nowMs: number): void;
}

type Emit = (event: SchedulerEvent) => void;

/** Tokens go out as they come. */
export class StreamedDelivery implements Delivery {
  constructor(private readonly emit: Emit) {}

  sampled(sequence: Sequence, { token, text, logprobs }: Sample, nowMs: number): void {
    this.emit({ type: "tokens", id: sequence.id, nowMs, tokens: [token], text, logprobs: logprobs ? [logprobs] : [] });
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
  logprobs: TokensEvent["logprobs"][number][];
  reason: FinishReason | undefined;
}

/** Everything goes out when the whole batch has ended, as `model.generate` returns. */
export class BatchEndDelivery implements Delivery {
  readonly #held = new Map<Sequence, HeldOutput>();

  constructor(private readonly emit: Emit) {}

  sampled(sequence: Sequence, sample: Sample): void {
    const held = this.#heldFor(sequence);
    held.tokens.push(sample.token);
    held.text += sample.text;
    if (sample.logprobs) held.logprobs.push(sample.logprobs);
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
