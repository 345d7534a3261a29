/** HTTP/1 answers read off a connection: no I/O, and nothing is copied but the lines that a read cut through. */
import { BadAnswer } from "./bad-answer.js";
import { Bytes } from "./bytes.js";

/** Real heads have some hundred bytes; Node.js's own limit is a quarter of this. */
const MAX_HEAD_BYTES = 65_536;
const LF = 10;

export interface ResponseHead {
  readonly status: number;
  /** By lower-case name; values of the same name are joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
}

/** Told what an answer holds as it comes. What it throws ends the answer. */
export interface ResponseListener {
  head(head: ResponseHead): void;
  /** A piece of the body; its bytes are gone when this returns. @returns whether all that matters has come */
  body(piece: Buffer): boolean;
}

type State = "status" | "headers" | "length" | "until-close" | "size" | "chunk" | "chunk-end" | "trailers" | "complete";

/** Reads one answer. */
export class ResponseReader {
  #state: State = "status";
  /** A line of which the end has not come. */
  readonly #line = new Bytes();
  #headBytes = 0;
  #version = "";
  #status = 0;
  #headers = new Map<string, string>();
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left = 0;
  #keepAlive = false;
  #satisfied = false;

  constructor(private readonly listener: ResponseListener) {}

  get complete(): boolean {
    return this.#state === "complete";
  }

  /** The listener has all that matters, whether the answer goes on or not. */
  get satisfied(): boolean {
    return this.#satisfied;
  }

  /** The connection may carry another request. */
  get keepAlive(): boolean {
    return this.complete && this.#keepAlive;
  }

  /**
   * Reads what came. After bytes beyond the answer's end the connection is not used again.
   *
   * @throws BadAnswer for what is no HTTP, and whatever the listener throws
   */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#state !== "complete") {
      switch (this.#state) {
        case "length":
        case "chunk":
          at = this.#readBody(bytes, at);
          break;
        case "until-close":
          this.#tell(bytes.subarray(at));
          at = bytes.length;
          break;
        default:
          at = this.#readLine(bytes, at);
      }
    }
    if (at < bytes.length) this.#keepAlive = false;
  }

  /** The server closed the connection. @throws BadAnswer when something was still to come */
  end(): void {
    if (this.#state === "until-close") this.#state = "complete";
    if (this.#state !== "complete") throw new BadAnswer("closed the connection before its answer was complete");
  }

  #tell(piece: Buffer): void {
    if (this.listener.body(piece)) this.#satisfied = true;
  }

  /** @returns the place from which to go on, as {@link #readLine} */
  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = this.#state === "length" ? "complete" : "chunk-end";
    this.#tell(bytes.subarray(at, end));
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const lf = bytes.indexOf(LF, at);
    const end = lf < 0 ? bytes.length : lf + 1;
    if (this.#line.length + end - at > MAX_HEAD_BYTES) throw noHttp(`a line of more than ${MAX_HEAD_BYTES} bytes`);
    if (lf < 0 || this.#line.length > 0) {
      this.#line.append(bytes.subarray(at, end));
      if (lf >= 0) this.#takeLine(this.#line.take("latin1"));
    } else {
      this.#takeLine(bytes.toString("latin1", at, end));
    }
    return end;
  }

  /** @param line with its end */
  #takeLine(line: string): void {
    switch (this.#state) {
      case "size":
        this.#beginChunk(line);
        break;
      case "chunk-end":
        if (line !== "\r\n") throw noHttp("a chunk that is longer than its size");
        this.#state = "size";
        break;
      case "status":
        this.#takeStatus(line);
        break;
      default:
        this.#takeHeader(line);
    }
  }

  #beginChunk(line: string): void {
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;[^\r]*)?\r\n$/i.exec(line)?.[1];
    if (size === undefined) throw noHttp(`a chunk of size ${shown(line)}`);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk";
  }

  #takeStatus(line: string): void {
    const match = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: [^\r]*)?\r\n$/.exec(line);
    if (!match) throw noHttp(`the line ${shown(line)}`);
    this.#version = match[1] ?? "";
    this.#status = Number(match[2]);
    this.#headers = new Map();
    this.#state = "headers";
  }

  /** Takes a line of the head or of the trailers, which say nothing that matters. */
  #takeHeader(line: string): void {
    this.#headBytes += line.length;
    if (this.#headBytes > MAX_HEAD_BYTES) throw noHttp(`a head of more than ${MAX_HEAD_BYTES} bytes`);
    if (line === "\r\n") {
      if (this.#state === "trailers") this.#state = "complete";
      else this.#endHead();
      return;
    }
    const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r]*?)[ \t]*\r\n$/.exec(line);
    if (!match) throw noHttp(`the header ${shown(line)}`);
    const [, name = "", value = ""] = match;
    const key = name.toLowerCase();
    const earlier = this.#headers.get(key);
    this.#headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }

  #endHead(): void {
    if (this.#status < 200) {
      // Such as 100 and 103: the answer itself follows. Nobody asked for another protocol.
      if (this.#status === 101) throw new BadAnswer("answered 101: it wants to speak another protocol");
      this.#state = "status";
      return;
    }
    const connection = (this.#headers.get("connection") ?? "").toLowerCase();
    this.#keepAlive = this.#version === "1.1" ? !connection.includes("close") : connection.includes("keep-alive");
    this.#state = this.#framing();
    this.listener.head({ status: this.#status, headers: this.#headers });
  }

  /** How the body's end is known. */
  #framing(): State {
    if (this.#status === 204 || this.#status === 304) return "complete";
    const coding = this.#headers.get("transfer-encoding")?.toLowerCase();
    const length = this.#headers.get("content-length");
    if (coding !== undefined) {
      if (coding !== "chunked") throw noHttp(`the transfer coding ${shown(coding)}`);
      // Both headers are how requests are smuggled past proxies: the chunks hold, and the connection ends here.
      if (length !== undefined) this.#keepAlive = false;
      return "size";
    }
    if (length === undefined) {
      this.#keepAlive = false;
      return "until-close";
    }
    if (!/^\d{1,15}$/.test(length)) throw noHttp(`a body of length ${shown(length)}`);
    this.#left = Number(length);
    return this.#left === 0 ? "complete" : "length";
  }
}

function noHttp(what: string): BadAnswer {
  return new BadAnswer(`sent what is no HTTP: ${what}`);
}

function shown(text: string): string {
  return JSON.stringify(text.trim().slice(0, 40));
}
