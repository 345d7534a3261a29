import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 200;
const KEPT_LOG_LINES = 20;

/** Runs a program to its end, its output shown; rejects unless it exits with 0. */
export async function runToEnd(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<void> {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  const [code, signal] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${signal ?? `exit code ${code}`}`);
}

/** Runs a program to its end and resolves to its standard output. */
export async function outputOf(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { input?: string } = {},
): Promise<string> {
  const child = new LoggedChild(command, args, options);
  child.process.stdin?.end(options.input ?? "");
  let output = "";
  for await (const chunk of child.process.stdout ?? []) output += chunk;
  await child.exited;
  if (child.process.exitCode !== 0) throw child.failure("failed");
  return output;
}

/** A started program whose last log lines are kept, so that its failure can be explained. */
export class LoggedChild {
  readonly process: ChildProcess;
  /** Settles when the process is gone, for whatever reason. */
  readonly exited: Promise<void>;
  readonly #command: string;
  readonly #log: string[] = [];

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.#command = command;
    this.process = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    const endWithParent = () => this.process.kill("SIGKILL"); // a server left behind would spoil later measurements
    process.once("exit", endWithParent);
    this.exited = new Promise((resolve) => {
      this.process.once("close", () => {
        process.off("exit", endWithParent);
        resolve();
      });
      this.process.once("error", (error) => this.#keep(error.message));
    });
    createInterface({ input: this.process.stderr! }).on("line", (line) => this.#keep(line));
  }

  get running(): boolean {
    return this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  failure(what: string): Error {
    return new Error(`${this.#command} ${what}; its last words:\n${this.#log.join("\n")}`);
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.process.kill("SIGTERM");
    const hardStop = setTimeout(() => this.process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(hardStop);
  }

  #keep(line: string): void {
    this.#log.push(line);
    if (this.#log.length > KEPT_LOG_LINES) this.#log.shift();
  }
}

/** Starts a server and waits until `healthUrl` answers 200. */
export async function startServer(
  command: string,
  args: readonly string[],
  healthUrl: string,
  options: SpawnOptions = {},
): Promise<LoggedChild> {
  const child = new LoggedChild(command, args, options);
  child.process.stdout?.resume();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (!child.running) {
      await child.exited;
      throw child.failure("ended before it was ready");
    }
    if (await answers(healthUrl)) return child;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await child.stop();
  throw child.failure(`was not ready within ${START_TIMEOUT_MS / 1000} s`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // nothing listens yet
  }
}

/** A program that prints a line when it is ready and then answers each JSON line with one. */
export class JsonLineChild {
  readonly #child: LoggedChild;
  readonly #replies: AsyncIterator<string>;

  private constructor(child: LoggedChild) {
    this.#child = child;
    this.#replies = createInterface({ input: child.process.stdout! })[Symbol.asyncIterator]();
  }

  static async start(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<JsonLineChild> {
    const child = new JsonLineChild(new LoggedChild(command, args, options));
    await child.#reply();
    return child;
  }

  async ask(question: unknown): Promise<unknown> {
    this.#child.process.stdin?.write(`${JSON.stringify(question)}\n`);
    return this.#reply();
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }

  async #reply(): Promise<unknown> {
    const line = await this.#replies.next();
    if (!line.done) return JSON.parse(line.value);
    await this.#child.exited;
    throw this.#child.failure("ended without an answer");
  }
}
