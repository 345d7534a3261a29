import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DEFAULT_ENGINE } from "../../src/host/settings.js";
import { checkMetadata } from "../../src/models/gguf/check.js";
import { readGguf } from "../../src/models/gguf/reader.js";
import { type Mutation, mutate } from "./mutate-model.js";

/** What became of a mutated file. */
export type Fate =
  /** Sluice's own reader refuses it. */
  | "refused by the reader"
  /** The trial's process gives the reason. */
  | "refused by the trial"
  /** It ended the trial's process by a signal, or held it. */
  | "ended the trial"
  | "held the trial"
  | "serves"
  /** It passed the trial and then ended the process that serves, or took more than a line to refuse: never to be seen. */
  | "ended the server"
  | "no clear line";

export interface FuzzedFile {
  readonly seed: number;
  readonly mutation: Mutation;
  readonly fate: Fate;
  readonly detail: string;
}

const CHILD = fileURLToPath(new URL("model-child.mjs", import.meta.url));
const LIMIT_MS = 20_000;

/** Opens mutations of a file as Sluice does: reader, trial, server; the last two in processes that stay for many files. */
export class ModelFuzzer {
  readonly #trial = new Child();
  readonly #server = new Child();

  constructor(private readonly folder: string) {}

  async open(whole: Buffer, headerBytes: number, seed: number): Promise<FuzzedFile> {
    const { mutation, bytes } = mutate(whole, headerBytes, seed);
    const path = join(this.folder, "mutated.gguf");
    writeFileSync(path, bytes);
    const as = (fate: Fate, detail = ""): FuzzedFile => ({ seed, mutation, fate, detail });
    try {
      checkMetadata(readGguf(path, { arrayItems: 0 }));
    } catch (error) {
      const { name, message } = error as Error;
      const clear = name === "SluiceError" && !message.includes("\n") && message.length < 1000;
      return as(clear ? "refused by the reader" : "no clear line", message);
    }
    const load = {
      ...DEFAULT_ENGINE,
      model: "fuzzed",
      modelPath: path,
      device: "cpu",
      threads: 1,
      slots: 4,
      contextSize: 96,
    };
    const tried = await this.#trial.ask({ load });
    if (tried.end === "limit") return as("held the trial");
    if (tried.end !== undefined) return as("ended the trial", tried.end);
    if (tried.error !== null)
      return as(tried.error.includes("\n") ? "no clear line" : "refused by the trial", tried.error);
    const served = await this.#server.ask({ load, serves: true });
    return served.end === undefined ? as("serves", served.error ?? "") : as("ended the server", served.end);
  }

  close(): void {
    this.#trial.end();
    this.#server.end();
  }
}

interface Answer {
  /** What it refused the file with; null: it opened. */
  readonly error: string | null;
  /** How the process ended; undefined: it lives. */
  readonly end?: string;
}

/** A process that opens models; when one ends it, the next question starts another. */
class Child {
  #process: ChildProcess | undefined;
  #answer: (answer: Answer) => void = () => {};

  async ask(question: object): Promise<Answer> {
    this.#process ??= this.#start();
    const child = this.#process;
    const answered = new Promise<Answer>((resolve) => {
      this.#answer = resolve;
    });
    const timer = setTimeout(() => {
      this.#answer({ error: null, end: "limit" });
      child.kill("SIGKILL");
    }, LIMIT_MS);
    child.stdin!.write(`${JSON.stringify(question)}\n`);
    const answer = await answered;
    clearTimeout(timer);
    if (answer.end !== undefined) this.#process = undefined;
    return answer;
  }

  end(): void {
    this.#process?.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const env = { ...process.env, GGML_NO_BACKTRACE: "1" };
    const child = spawn(process.execPath, [CHILD], { stdio: ["pipe", "pipe", "ignore"], env });
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", (line) => this.#answer(JSON.parse(line) as Answer));
    child.once("exit", (code, signal) => {
      if (this.#process === child || this.#process === undefined)
        this.#answer({ error: null, end: signal ?? `code ${code}` });
    });
    return child;
  }
}
