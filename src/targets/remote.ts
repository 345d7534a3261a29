import type { Told } from "../client/answer.js";
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
    const { seq, atMs: _, ...planned } = draft.planned;
    const request = { ...this.sampling, ...planned, seed: hash32(this.seed, seq), stream: true };
    const listener = {
      status: (httpStatus: number) => draft.answered(httpStatus),
      // A chunk counts as one token until the server's own count is known.
      piece: ({ text }: Piece) => {
        if (text !== "") draft.tokens(text, 1, this.clock.nowMs());
      },
    };
    try {
      this.#finish(draft, await this.client.send(request, listener, signal));
    } catch (error) {
      draft.failed(SluiceError.from(error, "target_failed"), this.clock.nowMs());
    }
  }

  flush(): void {}

  #finish(draft: RecordDraft, told: Told): void {
    const { queueMs, batch = null, batchSize = null, promptTokens, completionTokens, finishReason } = told;
    if (queueMs !== undefined) draft.started({ slot: null, batch, batchSize }, draft.dispatchedMs + queueMs);
    draft.finished(
      {
        reason: finishReason === "stop" || finishReason === "length" ? finishReason : null,
        inputTokens: promptTokens ?? wordCount(draft.planned.prompt),
        outputTokens: completionTokens ?? draft.outputTokens,
        tokenCountSource: told.contradicted ? "contradicted" : completionTokens === undefined ? "counted" : "usage",
      },
      this.clock.nowMs(),
    );
  }
}

function wordCount(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
