/** Server-sent events with an eye on the reader: one write a step, a bounded buffer, an end that is always said. */
import type { ServerResponse } from "node:http";
import { Socket } from "node:net";

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
export interface SseSink {
  readonly destroyed: boolean;
  /** Bytes that the socket has not taken yet. */
  readonly writableLength: number;
  /** @returns false when nothing more should be written before "drain" */
  write(frames: string): boolean;
  end(frames: string): unknown;
  destroy(): unknown;
  once(event: "drain", listener: () => void): unknown;
}

/**
 * Where a response's frames go. Node's own chunked encoding hands a chunk to the socket in four pieces and gathers them
 * again for one `writev`; with many streams that is most of what a token costs. So the chunk's size and end are put
 * around the frames here and go to the socket as one string. The head must have been sent.
 *
 * A response that is not chunked (HTTP/1.0) or has no socket of its own (`inject`) is written as it is.
 */
export function sinkOf(response: ServerResponse): SseSink {
  const { socket } = response;
  if (!response.chunkedEncoding || !(socket instanceof Socket)) return response;
  response.chunkedEncoding = false;
  return new ChunkedSink(response, socket);
}

const LAST_CHUNK = "0\r\n\r\n";

class ChunkedSink implements SseSink {
  constructor(
    private readonly response: ServerResponse,
    private readonly socket: Socket,
  ) {}

  get destroyed(): boolean {
    return this.response.destroyed;
  }

  get writableLength(): number {
    return this.socket.writableLength;
  }

  write(frames: string): boolean {
    return this.#send(frames, "");
  }

  end(frames: string): void {
    this.#send(frames, LAST_CHUNK);
    this.response.end();
  }

  destroy(): void {
    this.response.destroy();
  }

  once(event: "drain", listener: () => void): void {
    this.socket.once(event, listener);
  }

  #send(frames: string, last: string): boolean {
    const bytes = Buffer.byteLength(frames);
    const chunk = bytes === 0 ? last : `${bytes.toString(16)}\r\n${frames}\r\n${last}`;
    // Plain ASCII need not be encoded.
    return this.socket.write(chunk, bytes === frames.length ? "latin1" : "utf8");
  }
}

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
