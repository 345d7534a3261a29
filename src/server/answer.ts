import { SluiceError } from "../errors.js";
import type { FinishedEvent, SchedulerEvent, TokensEvent } from "../scheduler/events.js";
import type { Request, SampledLogprobs } from "../scheduler/request.js";
import type { Trace, Traffic } from "./traffic.js";

/** One finished answer. */
export interface Choice {
  readonly index: number;
  readonly text: string;
  /** One entry a token where they were asked for, else empty. */
  readonly logprobs: readonly SampledLogprobs[];
  readonly finished: FinishedEvent;
  readonly trace: Trace;
}

/** Hears what becomes of a call's answers. The last word is `done` or `failed`, once. */
export interface AnswerListener {
  tokens?(index: number, event: TokensEvent): void;
  ended?(choice: Choice): void;
  done(choices: readonly Choice[]): void;
  failed(error: SluiceError): void;
}

/** One HTTP call's requests, from submission to the last event: n answers that succeed or fail together. */
export class Answer {
  readonly #traffic: Traffic;
  readonly #listener: AnswerListener;
  readonly #open = new Set<string>();
  readonly #choices: Choice[] = [];
  #over = false;

  constructor(traffic: Traffic, listener: AnswerListener) {
    this.#traffic = traffic;
    this.#listener = listener;
  }

  start(requests: readonly Request[], endpoint: string, arrivalMs: number): void {
    for (const request of requests) this.#open.add(request.id);
    for (const [index, request] of requests.entries()) {
      if (this.#over) return;
      const draft: Draft = { index, text: "", logprobs: [] };
      this.#traffic.submit(request, endpoint, arrivalMs, (event, trace) => this.#hear(draft, event, trace));
    }
  }

  /** Gives up what is still open: the client went away, or an answer failed. */
  cancel(): void {
    this.#over = true;
    for (const id of this.#open) this.#traffic.cancel(id);
  }

  #hear(draft: Draft, event: SchedulerEvent, trace: Trace): void {
    if (event.type === "finished" || event.type === "failed") this.#open.delete(event.id);
    if (this.#over) return;
    if (event.type === "tokens") {
      draft.text += event.text;
      for (const entry of event.logprobs) draft.logprobs.push(entry);
      this.#listener.tokens?.(draft.index, event);
    } else if (event.type === "finished") {
      this.#finish({ ...draft, finished: event, trace });
    } else if (event.type === "failed") {
      this.cancel();
      this.#listener.failed(SluiceError.fromData(event.error));
    }
  }

  #finish(choice: Choice): void {
    this.#choices.push(choice);
    this.#listener.ended?.(choice);
    if (this.#open.size > 0) return;
    this.#over = true;
    this.#listener.done(this.#choices.toSorted((a, b) => a.index - b.index));
  }
}

/** An answer while it grows. */
interface Draft {
  readonly index: number;
  text: string;
  readonly logprobs: SampledLogprobs[];
}
