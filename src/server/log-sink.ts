import { write } from "node:fs";

/** What may wait for a log that takes nothing: some thousands of lines. */
const MAX_BUFFER_BYTES = 1024 * 1024;
/** A pipe takes so much in one piece; more may be mixed with what other workers write into it. */
const MAX_WRITE_BYTES = 4096;
/** A pipe is full: its reader may come back at any moment. */
const FULL_PIPE_RETRY_MS = 20;
/** A disk is full, or the reader is gone. Without a pause every line would cost a write that fails. */
const FAILED_RETRY_MS = 1000;

export interface LogSinkOptions {
  readonly maxBufferBytes?: number;
  readonly failedRetryMs?: number;
}

interface Line {
  readonly text: string;
  readonly bytes: number;
}

/** Lines that are written together. */
interface Batch {
  readonly bytes: Buffer;
  readonly lines: readonly Line[];
  /** Lines that were lost before these, which these tell. */
  readonly toldLost: number;
}

/**
 * Log lines on their way to a file, pipe or terminal. Serving never waits for them: they are written by a thread of the
 * pool, one write at a time, and what does not fit into the buffer meanwhile is lost. The first line that gets through
 * afterwards says how many were.
 */
export class LogSink {
  readonly #fd: number;
  readonly #maxBufferBytes: number;
  readonly #failedRetryMs: number;
  readonly #lines: Line[] = [];
  /** Of lines that wait and of those that are being written. */
  #bytes = 0;
  #writing = false;
  #lost = 0;
  #reason = "";
  /** A write broke off inside a line. */
  #torn = false;
  readonly #whenEmpty: (() => void)[] = [];

  constructor(fd: number, options: LogSinkOptions = {}) {
    this.#fd = fd;
    this.#maxBufferBytes = options.maxBufferBytes ?? MAX_BUFFER_BYTES;
    this.#failedRetryMs = options.failedRetryMs ?? FAILED_RETRY_MS;
  }

  /** Takes a line with its line end; returns at once. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > this.#maxBufferBytes) {
      this.#lose(1, "the buffer is full");
      return;
    }
    this.#lines.push({ text: line, bytes });
    this.#bytes += bytes;
    if (this.#writing) return;
    this.#writing = true;
    // Lines of one turn of the event loop go together.
    setImmediate(() => this.#next());
  }

  /** Resolves when everything is written or lost, at the latest after this long. */
  async flush(timeoutMs: number): Promise<void> {
    if (!this.#writing) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
      this.#whenEmpty.push(resolve);
    });
    clearTimeout(timer);
  }

  #next(): void {
    if (this.#lines.length === 0) {
      this.#writing = false;
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
      return;
    }
    const lines = this.#take();
    const notice = this.#lost > 0 ? lossNotice(this.#lost, this.#reason) : "";
    const bytes = Buffer.from(`${this.#torn ? "\n" : ""}${notice}${lines.map(({ text }) => text).join("")}`);
    this.#send({ bytes, lines, toldLost: this.#lost }, 0);
  }

  /** As many lines as go into one write, at least one. */
  #take(): Line[] {
    let bytes = 0;
    const more = this.#lines.findIndex((line) => {
      bytes += line.bytes;
      return bytes > MAX_WRITE_BYTES;
    });
    return this.#lines.splice(0, more < 0 ? this.#lines.length : Math.max(1, more));
  }

  /** Writes from `offset` on; a pipe may take a part only. */
  #send(batch: Batch, offset: number): void {
    const { bytes, lines, toldLost } = batch;
    write(this.#fd, bytes, offset, bytes.length - offset, null, (error, written) => {
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.#send(batch, offset), FULL_PIPE_RETRY_MS);
      } else if (error) {
        this.#torn ||= offset > 0;
        this.#free(lines);
        this.#lose(lines.length, error.code ?? error.message);
        setTimeout(() => this.#next(), this.#failedRetryMs);
      } else if (offset + written < bytes.length) {
        this.#send(batch, offset + written);
      } else {
        this.#torn = false;
        this.#free(lines);
        this.#lost -= toldLost;
        this.#next();
      }
    });
  }

  #free(lines: readonly Line[]): void {
    for (const { bytes } of lines) this.#bytes -= bytes;
  }

  #lose(lines: number, reason: string): void {
    this.#lost += lines;
    this.#reason = reason;
  }
}

/** A line as the logger writes them, at level `warn`. */
function lossNotice(lost: number, reason: string): string {
  const line = {
    level: 40,
    time: new Date().toISOString(),
    pid: process.pid,
    lost,
    reason,
    msg: "log lines were lost",
  };
  return `${JSON.stringify(line)}\n`;
}
