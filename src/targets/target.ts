/** The one interface between the load driver and whatever answers: in-process or remote. */
import type { Clock } from "../clock.js";
import { SluiceError } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import { makeRequest } from "../host/request.js";
import { hash32 } from "../random.js";
import type { Request } from "../scheduler/request.js";
import type { PlannedRequest } from "../workload/workload.js";
import type { RecordDraft } from "./draft.js";

export interface Target {
  readonly kind: "in-process" | "remote";
  readonly url: string | null;
  /** Sends the draft's request and tells the draft everything that becomes of it. Resolves at its end, never rejects. */
  send(draft: RecordDraft, signal: AbortSignal): Promise<void>;
  /** No more requests will come: what waits for company may start. */
  flush(): void;
}

/** How every request of a run is sampled. */
export interface Sampling {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly ignoreEos: boolean;
}

/** A planned request for a scheduler: tokenized, with a seed of its own. */
export function requestOf(
  planned: PlannedRequest,
  id: string,
  promptTokens: readonly number[],
  sampling: Sampling,
  seed: number,
  nowMs: number,
): Request {
  const { seq, maxTokens, priority, user, timeoutMs } = planned;
  const options = { ...sampling, maxTokens, priority, user, timeoutMs, seed: hash32(seed, seq) };
  return makeRequest(id, promptTokens, options, nowMs);
}

/** An engine host in this process. Times are those at which the caller hears, as a library user would. */
export class InProcessTarget implements Target {
  readonly kind = "in-process";
  readonly url = null;

  constructor(
    private readonly host: EngineHost,
    private readonly clock: Clock,
    private readonly sampling: Sampling,
    private readonly seed: number,
  ) {}

  async send(draft: RecordDraft, signal: AbortSignal): Promise<void> {
    const cancel = (): void => this.host.cancel(draft.id);
    try {
      const tokens = this.host.tokenize(draft.planned.prompt, true);
      const request = requestOf(draft.planned, draft.id, tokens, this.sampling, this.seed, this.clock.nowMs());
      signal.addEventListener("abort", cancel, { once: true });
      await new Promise<void>((resolve) => {
        this.host.submit(request, (event) => {
          draft.take(event, this.clock.nowMs());
          if (draft.ended) resolve();
        });
        if (signal.aborted) cancel();
      });
    } catch (error) {
      draft.failed(SluiceError.from(error), this.clock.nowMs());
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  flush(): void {
    this.host.flush();
  }
}
