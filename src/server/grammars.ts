import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { type ErrorData, SluiceError } from "../errors.js";
import type { Grammar } from "../scheduler/request.js";
import { compileAnyObject, compileSchema } from "../text/json-schema/compile.js";
import { checkDepth, type Schema, tooCostly } from "../text/json-schema/schema.js";

/** Compiled code in every case: from src/ (tests) and from dist/ the path is the same. */
const WORKER_FILE = new URL("../../dist/server/grammar-worker.js", import.meta.url);

/** Schemas that take no more work than this are compiled at once: about a millisecond, less than the way to a thread. */
const WORK_AT_ONCE = 1500;
const CHARS_AT_ONCE = 16_384;

/** Compiling takes some tenths of a second at most; a thread that has not answered by then is ended. */
const TIME_LIMIT_MS = 5000;

const KEPT_GRAMMARS = 256;

interface Job {
  readonly schema: Schema;
  resolve(grammar: Grammar): void;
  reject(error: SluiceError): void;
}

type Answer = { readonly grammar: Grammar } | { readonly error: ErrorData };

/** Compiles schemas without holding up the thread that serves everybody, and remembers the latest. */
export class Grammars {
  readonly #known = new Map<string, Grammar>();
  readonly #queue: Job[] = [];
  #running: Job | undefined;
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #anyObject: Grammar | undefined;

  /** Any JSON object. */
  get anyObject(): Grammar {
    this.#anyObject ??= compileAnyObject();
    return this.#anyObject;
  }

  /**
   * @param signal the client left: nobody waits for the grammar any more
   * @throws SluiceError `invalid_request`, `unsupported_field`, `grammar_too_costly`, `cancelled`
   */
  async ofSchema(schema: Schema, signal?: AbortSignal): Promise<Grammar> {
    checkDepth(schema);
    const json = JSON.stringify(schema);
    const key = createHash("sha1").update(json).digest("base64");
    const known = this.#known.get(key);
    const grammar = known ?? compileAtOnce(schema, json.length) ?? (await this.#compileAside(schema, signal));
    this.#known.delete(key);
    this.#known.set(key, grammar);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT_GRAMMARS) break;
      this.#known.delete(oldest);
    }
    return grammar;
  }

  /** Ends the thread; what waits for it fails. */
  close(): void {
    this.#endWorker(new SluiceError("shutting_down", "The server is shutting down."));
    for (const job of this.#queue.splice(0))
      job.reject(new SluiceError("shutting_down", "The server is shutting down."));
  }

  #compileAside(schema: Schema, signal: AbortSignal | undefined): Promise<Grammar> {
    return new Promise((resolve, reject) => {
      const job: Job = { schema, resolve, reject };
      const leave = () => this.#leave(job);
      signal?.addEventListener("abort", leave, { once: true });
      if (signal?.aborted) return leave();
      this.#queue.push(job);
      this.#runNext();
    });
  }

  #leave(job: Job): void {
    const error = new SluiceError("cancelled", "The client went away.");
    const place = this.#queue.indexOf(job);
    if (place >= 0) this.#queue.splice(place, 1);
    if (this.#running === job) this.#endWorker(error);
    else job.reject(error);
    this.#runNext();
  }

  #runNext(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#queue.shift();
    if (this.#running === undefined) return;
    this.#timer = setTimeout(() => {
      this.#endWorker(tooCostly("takes too long to compile"));
      this.#runNext();
    }, TIME_LIMIT_MS);
    this.#worker ??= this.#startWorker();
    this.#worker.ref();
    this.#worker.postMessage(this.#running.schema);
  }

  #startWorker(): Worker {
    const worker = new Worker(WORKER_FILE);
    worker.on("message", (answer: Answer) => this.#take(answer));
    worker.on("error", (error) => {
      if (this.#worker !== worker) return;
      this.#endWorker(SluiceError.from(error));
      this.#runNext();
    });
    return worker;
  }

  #take(answer: Answer): void {
    clearTimeout(this.#timer);
    const job = this.#running;
    this.#running = undefined;
    this.#worker?.unref();
    if ("grammar" in answer) job?.resolve(answer.grammar);
    else job?.reject(SluiceError.fromData(answer.error));
    this.#runNext();
  }

  /** The thread is in the middle of something: the next job gets a new one. */
  #endWorker(error: SluiceError): void {
    clearTimeout(this.#timer);
    void this.#worker?.terminate();
    this.#worker = undefined;
    const job = this.#running;
    this.#running = undefined;
    job?.reject(error);
  }
}

/** @returns undefined where it takes too much work */
function compileAtOnce(schema: Schema, chars: number): Grammar | undefined {
  if (chars > CHARS_AT_ONCE) return undefined;
  try {
    return compileSchema(schema, WORK_AT_ONCE);
  } catch (error) {
    if (error instanceof SluiceError && error.code === "grammar_too_costly") return undefined;
    throw error;
  }
}
