/**
 * HTTP/1.1 over connections that are kept and used again, with as little work for each read as can be: what arrives lands
 * in one buffer that is used again, and no garbage is left for a collector that would take another core. A load client
 * shares the machine with the server it measures, and every microsecond it takes is missing there.
 */
import { connect, type Socket, type TcpSocketConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import { SluiceError } from "../errors.js";
import { BadAnswer } from "./bad-answer.js";
import { openFilesLimit } from "./open-files.js";
import { type ResponseListener, ResponseReader } from "./response.js";

export interface ConnectionLimits {
  /** A server that sends nothing for so long has stalled. */
  readonly stallTimeoutMs: number;
  /** An answer that takes longer in all has failed. */
  readonly requestTimeoutMs: number;
}

const READ_BYTES = 65_536;
/** How long an answer of which all that matters has come may take to end, for the connection to be kept. */
const END_WITHIN_MS = 1000;
/** Files that the rest of the process needs: results, modules, the server that it starts. */
const FILES_FOR_OTHERS = 64;
const NOBODY_THERE = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);
/** What this machine has too little of: open files, buffers, ports to send from. */
const OWN_LIMITS = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

/** One server, over as many connections as there are requests under way. */
export class Connections {
  readonly #maxOpen = openFilesLimit() - FILES_FOR_OTHERS;
  #idle: Connection[] = [];
  readonly #open = new Set<Connection>();

  constructor(
    readonly origin: URL,
    private readonly limits: ConnectionLimits,
  ) {}

  /**
   * Sends a request and reads its answer to the end.
   *
   * @param request head and body as they go over the wire
   * @throws SluiceError `target_unreachable` when nothing answers, `target_failed` when the connection breaks, stalls or
   *   takes too long, `client_limited` when this machine cannot open another connection, `cancelled` when `signal` is set
   *   off; BadAnswer for an answer that is none
   */
  async exchange(request: string, listener: ResponseListener, signal?: AbortSignal): Promise<void> {
    for (;;) {
      this.#idle = this.#idle.filter(({ alive }) => alive);
      const kept = this.#idle.pop();
      const connection = kept ?? this.#connect();
      try {
        return await connection.exchange(request, listener, signal);
      } catch (error) {
        // The server had closed the idle connection before this request reached it: it goes out on another.
        if (kept === undefined || !connection.wasStale) throw error;
      } finally {
        if (connection.alive) this.#idle.push(connection);
        else this.#open.delete(connection);
      }
    }
  }

  /** Closes the connections. */
  close(): void {
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  #connect(): Connection {
    if (this.#open.size >= this.#maxOpen) {
      const message = `this process may open ${this.#maxOpen + FILES_FOR_OTHERS} files, which is ${this.#maxOpen} connections; raise it (ulimit -n) or have fewer requests under way`;
      throw new SluiceError("client_limited", message);
    }
    const connection = new Connection(this.origin, this.limits);
    this.#open.add(connection);
    return connection;
  }
}

/** One connection: one request at a time. */
class Connection {
  readonly #socket: Socket;
  #reader: ResponseReader | undefined;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  #deadline: NodeJS.Timeout | undefined;
  alive = true;
  #answered = false;
  /** It ended for a reason of the peer's, not of ours. */
  #lost = false;

  constructor(
    private readonly origin: URL,
    private readonly limits: ConnectionLimits,
  ) {
    this.#socket = open(origin, (bytes) => this.#take(bytes));
    this.#socket.setTimeout(limits.stallTimeoutMs, () => {
      const message = `sent nothing for ${limits.stallTimeoutMs / 1000} s: it has stalled`;
      if (this.#reader?.satisfied) this.#finish(false);
      else this.#fail(new BadAnswer(message));
    });
    this.#socket.on("error", (error) => this.#lose(this.#translate(error)));
    this.#socket.on("end", () => this.#ended());
    this.#socket.on("close", () => this.#ended());
  }

  /** The connection was gone before anything of an answer came. */
  get wasStale(): boolean {
    return this.#lost && !this.#answered;
  }

  async exchange(request: string, listener: ResponseListener, signal?: AbortSignal): Promise<void> {
    const cancel = (): void => this.#fail(new SluiceError("cancelled", "the request was cancelled"));
    this.#reader = new ResponseReader(listener);
    this.#answered = false;
    const { requestTimeoutMs } = this.limits;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        if (signal?.aborted) cancel();
        signal?.addEventListener("abort", cancel, { once: true });
        this.#deadline = setTimeout(() => {
          this.#fail(new BadAnswer(`took more than ${requestTimeoutMs / 1000} s to answer`));
        }, requestTimeoutMs);
        this.#socket.write(request);
      });
    } finally {
      clearTimeout(this.#deadline);
      signal?.removeEventListener("abort", cancel);
      this.#reader = undefined;
    }
  }

  close(): void {
    this.alive = false;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    const reader = this.#reader;
    if (!reader) {
      // What a server sends unasked, such as that it will close, is no answer to the next request.
      this.close();
      return;
    }
    this.#answered = true;
    const satisfied = reader.satisfied;
    try {
      reader.push(bytes);
      if (reader.complete) this.#finish(reader.keepAlive);
      else if (reader.satisfied && !satisfied) this.#expectEnd();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** All that matters has come: the answer counts, and only the connection depends on its end. */
  #expectEnd(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#finish(false), END_WITHIN_MS);
  }

  /** The server has closed the connection. */
  #ended(): void {
    const reader = this.#reader;
    try {
      reader?.end();
      this.#finish(false);
    } catch (error) {
      if (reader?.satisfied) this.#finish(false);
      else this.#lose(error as Error);
    }
  }

  #finish(keep: boolean): void {
    if (!keep) this.close();
    this.#resolve();
  }

  #lose(error: Error): void {
    this.#lost = true;
    this.#fail(error);
  }

  #fail(error: Error): void {
    this.close();
    this.#reject(error);
  }

  #translate(error: Error): SluiceError {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const { origin } = this.origin;
    if (NOBODY_THERE.has(code)) {
      return new SluiceError("target_unreachable", `nothing listens at ${origin} (${code})`, { cause: error });
    }
    if (OWN_LIMITS.has(code)) {
      const message = `no more connections can be opened here (${code}): have fewer requests under way, or raise the limit`;
      return new SluiceError("client_limited", message, { cause: error });
    }
    return new SluiceError("target_failed", `the connection to ${origin} broke: ${error.message}`, { cause: error });
  }
}

function open(origin: URL, take: (bytes: Buffer) => void): Socket {
  const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
  const secure = origin.protocol === "https:";
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    take(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback };
  const options: TcpSocketConnectOpts = { host, port: Number(origin.port) || (secure ? 443 : 80), onread };
  if (!secure) return connect({ ...options, noDelay: true });
  const named = /[a-z]/i.test(host) && !host.includes(":") ? { servername: host } : {};
  return connectTls({ ...options, ...named, ALPNProtocols: ["http/1.1"] }).setNoDelay(true);
}
