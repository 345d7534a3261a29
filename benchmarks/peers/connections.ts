import { connect, type Socket } from "node:net";

const STALL_TIMEOUT_MS = 120_000;
const READ_BYTES = 65_536;
/** Of an answer's end so much is kept as surely holds the frame with the usage. */
const TAIL_BYTES = 8192;
const LAST_CHUNK = "\r\n0\r\n\r\n";

export interface Answer {
  readonly status: number;
  /** The last bytes of it, chunk sizes among them. */
  readonly end: string;
}

/**
 * Posts over connections that are kept, with as little work for each read as can be: what arrives lands in one buffer that
 * is used again, nothing is parsed but the head, and no garbage is left for a collector that would take another core.
 */
export class Connections {
  readonly #host: string;
  readonly #port: number;
  readonly #stallTimeoutMs: number;
  #idle: Connection[] = [];
  readonly #open = new Set<Connection>();

  constructor(baseUrl: string, stallTimeoutMs = STALL_TIMEOUT_MS) {
    this.#stallTimeoutMs = stallTimeoutMs;
    const { hostname, port } = new URL(baseUrl);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** @param onPiece sees every piece of the answer as it comes; the bytes are gone when it returns */
  async post(path: string, body: string, onPiece: (piece: Buffer) => void): Promise<Answer> {
    const head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}:${this.#port}\r\ncontent-type: application/json\r\n`;
    const request = `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    for (;;) {
      this.#idle = this.#idle.filter(({ alive }) => alive);
      const kept = this.#idle.pop();
      const connection = kept ?? new Connection(this.#host, this.#port, this.#stallTimeoutMs);
      this.#open.add(connection);
      try {
        const answer = await connection.exchange(request, onPiece);
        if (connection.alive) this.#idle.push(connection);
        return answer;
      } catch (error) {
        // The server had closed the idle connection before this request reached it: it goes out on another.
        if (kept === undefined || connection.answered || connection.stalled) throw error;
      } finally {
        if (!connection.alive) this.#open.delete(connection);
      }
    }
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }
}

/** One connection: one request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #tail = Buffer.alloc(TAIL_BYTES);
  #tailBytes = 0;
  #head = "";
  #status = 0;
  /** Bytes until the answer ends; NaN: a chunk of no bytes ends it. */
  #left = Number.NaN;
  #onPiece: (piece: Buffer) => void = () => {};
  #resolve: (answer: Answer) => void = () => {};
  #reject: (error: Error) => void = () => {};
  alive = true;
  /** Something of the last request's answer has come. */
  answered = false;
  stalled = false;

  constructor(host: string, port: number, stallTimeoutMs: number) {
    const onRead = (bytes: number, buffer: Uint8Array) => {
      this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    };
    const onread = { buffer: Buffer.alloc(READ_BYTES), callback: onRead };
    this.#socket = connect({ host, port, noDelay: true, onread });
    this.#socket.setTimeout(stallTimeoutMs, () => {
      this.stalled = true;
      this.#socket.destroy(new Error(`${host}:${port} sent nothing for ${stallTimeoutMs / 1000} s`));
    });
    this.#socket.on("error", (error) => this.#reject(error));
    this.#socket.on("close", () => {
      this.alive = false;
      this.#reject(new Error(`${host}:${port} closed the connection before its answer was complete`));
    });
  }

  exchange(request: string, onPiece: (piece: Buffer) => void): Promise<Answer> {
    this.#tailBytes = 0;
    this.#head = "";
    this.answered = false;
    this.#onPiece = onPiece;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request, (error) => {
        if (error) reject(error); // such as that the socket had been closed
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    const bodyBytes = this.#head.endsWith("\r\n\r\n") ? piece.length : this.#readHead(piece);
    this.#keepEnd(piece);
    this.#onPiece(piece);
    this.#left -= bodyBytes;
    const ended = Number.isNaN(this.#left) ? this.#endText(LAST_CHUNK.length) === LAST_CHUNK : this.#left <= 0;
    if (ended) this.#resolve({ status: this.#status, end: this.#endText(this.#tailBytes) });
  }

  /** @returns how many of the piece's bytes come after the head */
  #readHead(piece: Buffer): number {
    this.answered = true;
    const text = this.#head + piece.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    this.#head = end < 0 ? text : text.slice(0, end + 4);
    if (end < 0) return 0;
    this.#status = Number(/^HTTP\/1\.1 (\d+)/.exec(this.#head)?.[1]);
    this.#left = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1]);
    return text.length - this.#head.length;
  }

  #keepEnd(piece: Buffer): void {
    const kept = piece.subarray(Math.max(0, piece.length - TAIL_BYTES));
    const stays = Math.min(this.#tailBytes, TAIL_BYTES - kept.length);
    if (stays < this.#tailBytes) this.#tail.copyWithin(0, this.#tailBytes - stays, this.#tailBytes);
    kept.copy(this.#tail, stays);
    this.#tailBytes = stays + kept.length;
  }

  #endText(bytes: number): string {
    return this.#tail.toString("latin1", Math.max(0, this.#tailBytes - bytes), this.#tailBytes);
  }
}
