import type { RemoteClient } from "../client/client.js";
import type { Piece } from "../client/wire.js";
import type { Clock } from "../clock.js";
import { SluiceError } from "../errors.js";
import { hash32 } from "../random.js";
import type { RecordDraft } from "./draft.js";
import type { Sampling, Target } from "./target.js";

/** A server. Output is streamed where the API can. */
export class RemoteTarget implements Target {
  readonly kind = "remote";

  constructor(
    private readonly client: RemoteClient,
    private readonly clock: Clock,
    private readonly sampling: Sampling,
    private readonly seed: number,
  ) {}

  get url(): string {
    return this.client.endpoint.url.href;
  }

  async send(draft: RecordDraft, signal: AbortSignal): Promise<void> {
    const { prompt, maxTokens, seq } = draft.planned;
    const request = { ...this.sampling, prompt, maxTokens, seed: hash32(this.seed, seq), stream: true };
    const answer = new Answer(draft, this.clock);
    try {
      await this.client.send(request, answer, signal);
      answer.finish();
    } catch (error) {
      draft.failed(SluiceError.from(error, "target_failed"), this.clock.nowMs());
    }
  }

  flush(): void {}
}

/** Gathers what a server tells into the draft. */
class Answer {
  #last: Partial<Piece> = {};

  constructor(
    private readonly draft: RecordDraft,
    private readonly clock: Clock,
  ) {}

  status(httpStatus: number): void {
    this.draft.answered(httpStatus);
  }

  piece(piece: Piece): void {
    const nowMs = this.clock.nowMs();
    // A chunk counts as one token until the server's own count is known.
    if (piece.text !== "") this.draft.tokens(piece.text, 1, nowMs);
    const told = Object.entries(piece).filter(([, value]) => value !== undefined);
    this.#last = { ...this.#last, ...Object.fromEntries(told) };
  }

  finish(): void {
    const { queueMs, batch = null, batchSize = null, promptTokens, completionTokens, finishReason } = this.#last;
    const nowMs = this.clock.nowMs();
    if (queueMs !== undefined) this.draft.started({ slot: null, batch, batchSize }, this.draft.dispatchedMs + queueMs);
    this.draft.finished(
      {
        reason: finishReason ?? null,
        inputTokens: promptTokens ?? wordCount(this.draft.planned.prompt),
        outputTokens: completionTokens ?? this.draft.outputTokens,
        tokenCountSource: completionTokens === undefined ? "counted" : "usage",
      },
      nowMs,
    );
  }
}

function wordCount(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
