/** Server-sent events with an eye on the reader: one write a step, a bounded buffer, an end that is always said. */
import type { ServerResponse } from "node:http";

export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

/** One `data:` frame. The payload must be one line, as JSON is. */
export function sseFrame(payload: string): string {
  return `data: ${payload}\n\n`;
}

export const SSE_DONE = sseFrame("[DONE]");

/**
 * Sends what a step produced with one write per stream: events of a step arrive in one go, so everything that is queued
 * when the current callback ends belongs together.
 */
export class StepFlusher {
  readonly #pending = new Set<SseStream>();

  add(stream: SseStream): void {
    if (this.#pending.size === 0) queueMicrotask(() => this.#flush());
    this.#pending.add(stream);
  }

  #flush(): void {
    const streams = [...this.#pending];
    this.#pending.clear();
    for (const stream of streams) stream.flush();
  }
}

/** What a stream needs of `ServerResponse`. */
export type SseSink = Pick<ServerResponse, "write" | "end" | "destroy" | "writableLength" | "once" | "destroyed">;

export interface SseOptions {
  /** Bytes that may wait for a slow reader. */
  readonly maxBufferBytes: number;
  /** The reader fell too far behind; the connection is gone and its request is to be cancelled. */
  onOverflow(): void;
}

/**
 * One client's stream. While the reader keeps up, frames go straight to the socket; when it does not, they wait here
 * until the socket drains. Past the bound the connection is cut: a truncated chunked body is an error that the client
 * sees.
 */
export class SseStream {
  readonly #sink: SseSink;
  readonly #flusher: StepFlusher;
  readonly #options: SseOptions;
  #pending = "";
  #blocked = false;
  #ended = false;

  constructor(sink: SseSink, flusher: StepFlusher, options: SseOptions) {
    this.#sink = sink;
    this.#flusher = flusher;
    this.#options = options;
  }

  /** Queues complete frames; they leave with the rest of the step. */
  send(frames: string): void {
    if (this.#ended || frames === "") return;
    this.#pending += frames;
    this.#flusher.add(this);
  }

  /** Sends these last frames and closes. */
  end(frames: string): void {
    this.send(frames);
    this.#ended = true;
    this.#flusher.add(this);
  }

  /** Writes what waits, if the reader can take it. Called by {@link StepFlusher} and when the socket drains. */
  flush(): void {
    if (this.#sink.destroyed) return;
    if (this.#blocked) {
      if (this.#pending.length + this.#sink.writableLength > this.#options.maxBufferBytes) this.#overflow();
      return;
    }
    const frames = this.#pending;
    this.#pending = "";
    if (this.#ended) this.#sink.end(frames);
    else if (frames !== "" && !this.#sink.write(frames)) this.#waitForDrain();
  }

  #waitForDrain(): void {
    this.#blocked = true;
    this.#sink.once("drain", () => {
      this.#blocked = false;
      this.flush();
    });
  }

  #overflow(): void {
    this.#ended = true;
    this.#pending = "";
    this.#sink.destroy();
    this.#options.onOverflow();
  }
}
