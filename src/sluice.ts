/** The library's face: a model with a scheduler in front of it, behind a handful of calls. */
import { randomUUID } from "node:crypto";
import { SystemClock } from "./clock.js";
import type { EngineInfo } from "./engine/engine.js";
import { SluiceError } from "./errors.js";
import type { EngineHost } from "./host/client.js";
import { type Chunk, Collector, type Completion } from "./host/collector.js";
import { openModel } from "./host/open-model.js";
import type { HostStats } from "./host/protocol.js";
import { checkTokens, makeRequest, type RequestOptions } from "./host/request.js";
import { ENGINE_OPTIONS, type EngineSettings } from "./host/settings.js";
import type { ResolveOptions } from "./models/resolve.js";
import { resolveOptions } from "./options.js";
import { SCHEDULER_OPTIONS, type SchedulerSettings } from "./scheduler/settings.js";
import { type Correction, correctionOf, isTutor, tutorPrompt } from "./tutor/tutor.js";

/** Where the model runs and which scheduler it gets; every setting has a default. */
export type SluiceOptions = Partial<EngineSettings> &
  Partial<SchedulerSettings> & {
    /** Called while a model is written or downloaded. */
    readonly onProgress?: ResolveOptions["onProgress"];
  };

/** What a request of the library may ask for. */
export type CallOptions = RequestOptions & {
  /** Ends the request when it fires: the call fails with `cancelled`, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal;
};

/**
 * A model with a scheduler in front of it.
 *
 * @example
 * const sluice = await Sluice.open({ model: "standin:nano" });
 * const { text } = await sluice.addRequest("Once upon a time", { maxTokens: 16 });
 * await sluice.shutdown();
 */
export class Sluice {
  readonly #host: EngineHost;
  readonly #clock = new SystemClock();
  #shutdown: Promise<void> | undefined;

  private constructor(host: EngineHost) {
    this.#host = host;
  }

  /**
   * Finds (writes, downloads) the model, loads it in a thread of its own and starts the scheduler.
   *
   * @throws SluiceError `usage`, `model_unavailable` or `device_unavailable`
   */
  static async open({ onProgress, ...settings }: SluiceOptions = {}): Promise<Sluice> {
    const { policyOptions = {}, ...given } = settings;
    const checked = resolveOptions(undefined, { ...ENGINE_OPTIONS, ...SCHEDULER_OPTIONS }, given);
    return new Sluice(await openModel(checked, { ...checked, policyOptions }, onProgress));
  }

  /** The model and the device. */
  get info(): EngineInfo {
    return this.#host.info;
  }

  /**
   * Runs one prompt to its end.
   *
   * @param prompt text, or token ids
   * @throws SluiceError `invalid_request`, `context_length_exceeded`, `queue_full`, `deadline_exceeded`, `cancelled`,
   *   `engine_failed`, `engine_lost` or `shutting_down`
   */
  async addRequest(prompt: string | readonly number[], options: CallOptions = {}): Promise<Completion> {
    return await new Promise((resolve, reject) => {
      this.#submit(prompt, options, (collector) => {
        if (collector.completion) resolve(collector.completion);
        else if (collector.failure) reject(failureOf(collector, options.signal));
      });
    });
  }

  /**
   * Runs one prompt and yields its output as it comes; the generator returns the whole completion. Leaving the loop early
   * cancels the request.
   *
   * @throws SluiceError as {@link Sluice.addRequest}
   */
  async *generate(prompt: string | readonly number[], options: CallOptions = {}): AsyncGenerator<Chunk, Completion> {
    let wake = (): void => {};
    const { id, collector } = this.#submit(prompt, options, () => wake());
    try {
      for (let next = 0; ; ) {
        while (next < collector.chunks.length) yield collector.chunks[next++]!;
        if (collector.failure) throw failureOf(collector, options.signal);
        if (collector.completion) return collector.completion;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#host.cancel(id);
    }
  }

  /**
   * Corrects a learner's English sentence; needs the model `tutor`. What it cannot judge (too long, not English) comes back
   * unchanged, with a note.
   *
   * @throws SluiceError `model_not_found` with another model, else as {@link Sluice.addRequest}
   */
  async correct(
    sentence: string,
    options: Pick<CallOptions, "id" | "priority" | "user" | "timeoutMs" | "signal"> = {},
  ): Promise<Correction> {
    if (!isTutor(this.#host)) throw new SluiceError("model_not_found", "correct() needs the model tutor");
    const prompt = tutorPrompt(this.#host, sentence.trim());
    if ("refusal" in prompt) return { corrected: sentence, changed: false, note: prompt.refusal };
    const maxTokens = this.info.contextSize - prompt.tokens.length;
    const { text, finishReason } = await this.addRequest(prompt.tokens, { ...options, maxTokens, temperature: 0 });
    return correctionOf(sentence, text, finishReason === "stop");
  }

  /** Ends a request wherever it is: it fails with `cancelled`. Unknown ids are ignored. */
  cancel(id: string): void {
    this.#host.cancel(id);
  }

  /** What waits starts now, whatever the scheduler waits for (a full batch, a timeout). */
  flush(): void {
    this.#host.flush();
  }

  /** The tokens of a text; the vocabulary's special markers in it count as such. @throws SluiceError `shutting_down` */
  tokenize(text: string): number[] {
    return this.#host.tokenize(text, true);
  }

  /** The text of tokens. @throws SluiceError `invalid_request` outside the vocabulary, `shutting_down` */
  detokenize(tokens: readonly number[]): string {
    checkTokens(tokens, this.info.vocabularySize);
    return this.#host.detokenize(tokens);
  }

  /**
   * Takes no new requests, finishes those it has and frees the model. Calling it again changes nothing; every other call
   * then fails with `shutting_down`.
   */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#host.drain().finally(() => this.#host.close());
    return this.#shutdown;
  }

  /** Counters, queue, slots and step gaps since the start. */
  async metrics(): Promise<HostStats> {
    return await this.#host.stats();
  }

  #submit(prompt: string | readonly number[], options: CallOptions, heard: (collector: Collector) => void) {
    const { signal, ...asked } = options;
    const id = options.id ?? randomUUID();
    const tokens = typeof prompt === "string" ? this.#host.tokenize(prompt, true) : prompt;
    checkTokens(tokens, this.info.vocabularySize);
    const submittedMs = this.#clock.nowMs();
    const collector = new Collector(submittedMs);
    const cancel = () => this.#host.cancel(id);
    this.#host.submit(makeRequest(id, tokens, asked, submittedMs), (event) => {
      collector.take(event);
      if (collector.completion || collector.failure) signal?.removeEventListener("abort", cancel);
      heard(collector);
    });
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    return { id, collector };
  }
}

/** Why a request failed; with the signal's reason where it was the signal that ended it. */
function failureOf({ failure }: Collector, signal: AbortSignal | undefined): SluiceError {
  if (failure!.code !== "cancelled" || !signal?.aborted) return failure!;
  return new SluiceError("cancelled", "the request was cancelled by its signal", { cause: signal.reason });
}
