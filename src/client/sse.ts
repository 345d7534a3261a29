import { BadAnswer } from "./bad-answer.js";
import { Bytes } from "./bytes.js";

/** A token's event has some hundred bytes. */
const MAX_EVENT_BYTES = 1_048_576;
const LF = 10;
const CR = 13;

export interface SseEvent {
  /** "message" unless the server names it. */
  readonly name: string;
  readonly data: string;
}

/**
 * Server-sent events, read as they come. Frames may be split anywhere, end in LF, CRLF or CR, hold comments and several
 * data lines; a last frame without its empty line counts too, for servers that just close. Events without data are
 * none, as the standard says.
 */
export class SseReader {
  /** A line of which the end has not come. */
  readonly #rest = new Bytes();
  #data: string[] = [];
  #dataLength = 0;
  #name = "";
  #begun = false;
  /** The last piece ended in a CR, so that an LF at the beginning of the next belongs to it. */
  #endedInCr = false;

  /** @returns the events that ended in this piece. @throws BadAnswer for an event that does not end */
  push(piece: Buffer): SseEvent[] {
    const end = Math.max(piece.lastIndexOf(LF), piece.lastIndexOf(CR)) + 1;
    let text = "";
    if (end > 0 && this.#rest.length === 0) {
      text = piece.toString("utf8", 0, end);
    } else if (end > 0) {
      this.#rest.append(piece.subarray(0, end));
      text = this.#rest.take("utf8");
    }
    if (end < piece.length) this.#rest.append(piece.subarray(end));
    const events = text === "" ? [] : this.#takeLines(text);
    if (this.#rest.length + this.#dataLength > MAX_EVENT_BYTES) {
      throw new BadAnswer(`sent an event of more than ${MAX_EVENT_BYTES / 2 ** 20} MiB`);
    }
    return events;
  }

  /** The stream has ended. @returns the event that was not closed */
  end(): SseEvent[] {
    return this.#takeLines(`${this.#rest.take("utf8")}\n\n`);
  }

  /** @param text whole lines */
  #takeLines(text: string): SseEvent[] {
    const lines = this.#unify(text);
    const events: SseEvent[] = [];
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf("\n", at);
      if (end === at) this.#close(events);
      else this.#takeLine(lines.slice(at, end));
      at = end + 1;
    }
    return events;
  }

  /** Lines that end in LF alone, without the mark that a text may begin with. */
  #unify(text: string): string {
    const begins = (this.#endedInCr && text.startsWith("\n")) || (!this.#begun && text.startsWith("\uFEFF")) ? 1 : 0;
    this.#begun = true;
    this.#endedInCr = text.endsWith("\r");
    const rest = begins === 0 ? text : text.slice(begins);
    return rest.includes("\r") ? rest.replaceAll(/\r\n?/g, "\n") : rest;
  }

  #takeLine(line: string): void {
    if (line.startsWith("data:")) {
      const data = line.slice(line.startsWith("data: ") ? 6 : 5);
      this.#data.push(data);
      this.#dataLength += data.length + 1;
    } else if (line.startsWith("event:")) {
      this.#name = line.slice("event:".length).trim();
    }
  }

  #close(events: SseEvent[]): void {
    const data = this.#data.length === 1 ? (this.#data[0] ?? "") : this.#data.join("\n");
    if (data !== "") events.push({ name: this.#name || "message", data });
    this.#data = [];
    this.#dataLength = 0;
    this.#name = "";
  }
}
