/**
 * Server-sent events, read as they come. Frames may be split anywhere, end in LF, CRLF or CR, hold comments and several
 * data lines; a last frame without its empty line counts too, for servers that just close.
 */
export class SseReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #data: string[] = [];

  /** @returns the data of every event that ended in this piece */
  push(piece: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(piece, { stream: true }));
  }

  /** The stream has ended. @returns the data of an event that was not closed */
  end(): string[] {
    const events = this.#take(`${this.#decoder.decode()}\n`);
    const last = this.#close();
    return last === undefined ? events : [...events, last];
  }

  #take(text: string): string[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    const events: string[] = [];
    for (const line of lines) {
      if (line === "") {
        const event = this.#close();
        if (event !== undefined) events.push(event);
      } else if (line.startsWith("data:")) {
        this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      }
    }
    return events;
  }

  #close(): string | undefined {
    if (this.#data.length === 0) return undefined;
    const event = this.#data.join("\n");
    this.#data = [];
    return event;
  }
}
