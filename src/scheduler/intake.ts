/** Which requests may join the queue. Whoever refuses early asks the same questions. */
import { SluiceError } from "../errors.js";
import type { Request } from "./request.js";

/** How many may wait. */
export interface QueueBounds {
  readonly maxNumQueuedReqs: number;
  readonly maxNumQueuedTokens: number;
}

/** What waits. */
export interface Backlog {
  readonly waiting: number;
  readonly waitingTokens: number;
}

/** Why a request is not taken. @param known by id, those that are queued or running */
export function whyItIsRefused(
  request: Request,
  known: ReadonlyMap<string, unknown>,
  backlog: Backlog,
  bounds: QueueBounds & { readonly contextSize: number },
): SluiceError | undefined {
  if (known.has(request.id)) {
    return new SluiceError("invalid_request", `a request with the id ${request.id} is already there`, { field: "id" });
  }
  const prompt = request.promptTokens.length;
  return whyItNeverFits(request, bounds.contextSize) ?? whyTheQueueIsFull(backlog, [prompt], bounds);
}

/** Why a request can never run in a context of this size, in tokens. */
export function whyItNeverFits(
  { promptTokens, maxTokens, generatedTokens = [] }: Pick<Request, "promptTokens" | "maxTokens" | "generatedTokens">,
  contextSize: number,
): SluiceError | undefined {
  const prompt = promptTokens.length;
  if (prompt === 0) return new SluiceError("invalid_request", "the prompt has no tokens", { field: "prompt" });
  if (generatedTokens.length >= maxTokens) {
    const message = `${generatedTokens.length} tokens were generated elsewhere, which leaves none of max_tokens ${maxTokens}`;
    return new SluiceError("invalid_request", message, { field: "generated_tokens" });
  }
  if (prompt + maxTokens <= contextSize) return undefined;
  const message = `${prompt} prompt tokens and max_tokens ${maxTokens} exceed the context of ${contextSize} tokens`;
  return new SluiceError("context_length_exceeded", message, { field: "max_tokens" });
}

/**
 * Why requests with so many prompt tokens, in this order, cannot all join what waits. An empty queue takes any prompt: one
 * that is longer than the bound would never run.
 */
export function whyTheQueueIsFull(
  { waiting, waitingTokens }: Backlog,
  promptTokens: readonly number[],
  { maxNumQueuedReqs, maxNumQueuedTokens }: QueueBounds,
): SluiceError | undefined {
  if (waiting + promptTokens.length > maxNumQueuedReqs) {
    return new SluiceError("queue_full", `${waiting} requests are waiting, as many as may`);
  }
  let tokens = waitingTokens;
  for (const [ahead, count] of promptTokens.entries()) {
    if (waiting + ahead > 0 && tokens + count > maxNumQueuedTokens) {
      return new SluiceError("queue_full", `${tokens} prompt tokens are waiting; ${count} more are too many`);
    }
    tokens += count;
  }
  return undefined;
}
