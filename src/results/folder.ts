/**
 * The results folder, which has this one writer: never one that exists, whole files only, and a journal with every run
 * as soon as it is measured, so that a command that is interrupted, killed or out of disk loses no more than the run it was at.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../errors.js";
import { formatHeader, JOURNAL, type JournalHeader, readJournal } from "./journal.js";
import { type RunResult, runText } from "./schema.js";

/** Pieces of a file are gathered until they are worth a system call. */
const WRITE_AT_ONCE = 1 << 20;

export class ResultsFolder {
  /** What the journal holds, to write it again where somebody took the folder away. */
  #header: JournalHeader | undefined;
  readonly #journaled: RunResult[] = [];

  private constructor(readonly path: string) {}

  /**
   * Makes the folder.
   *
   * @param path where the user wants it; undefined: `results/<time>-<command>` below the working folder
   * @throws SluiceError `results_invalid` when it exists already or cannot be made
   */
  static create(path: string | undefined, command: string, now: Date): ResultsFolder {
    const wanted = resolve(path ?? join("results", `${timestamp(now)}-${command}`));
    const folder = path === undefined ? firstFree(wanted) : wanted;
    if (existsSync(folder)) {
      throw new SluiceError(
        "results_invalid",
        `${folder} exists, and results are never overwritten; name another folder`,
      );
    }
    try {
      makeFolder(folder);
      accessSync(folder, constants.W_OK);
    } catch (error) {
      throw new SluiceError(
        "results_invalid",
        `cannot make the results folder ${folder} (${reasonOf(error)}); name another`,
        { cause: error },
      );
    }
    return new ResultsFolder(folder);
  }

  /** A folder for files that can be made anew at any time, charts say: it may exist, and is made when something is written. */
  static at(path: string): ResultsFolder {
    return new ResultsFolder(resolve(path));
  }

  /**
   * Opens the folder of an interrupted command and reads what it had measured.
   *
   * @throws SluiceError `results_invalid` when there is no journal, or one of other settings
   */
  static resume(path: string, command: string, settings: unknown): { folder: ResultsFolder; done: RunResult[] } {
    const folder = new ResultsFolder(resolve(path));
    const journal = readJournal(folder.path);
    if (journal === undefined) {
      throw new SluiceError("results_invalid", `${folder.path} holds no interrupted run (${JOURNAL} is missing)`);
    }
    const { header, runs } = journal;
    if (header?.command !== command || JSON.stringify(header.settings) !== JSON.stringify(settings)) {
      throw new SluiceError(
        "results_invalid",
        `${folder.path} was begun with other settings; give the same command line and --resume`,
      );
    }
    return { folder, done: runs };
  }

  /** Begins the journal, with the runs that are done already. */
  beginJournal(header: JournalHeader, done: readonly RunResult[] = []): void {
    this.#header = header;
    this.#journaled.splice(0, Number.POSITIVE_INFINITY, ...done);
    this.write(JOURNAL, journalText(header, this.#journaled));
  }

  /**
   * Keeps a run that was measured, whatever happens to the command afterwards.
   *
   * @throws SluiceError `results_invalid` when it cannot be written; what was kept before stays
   */
  journal(run: RunResult): void {
    this.#journaled.push(run);
    const file = join(this.path, JOURNAL);
    if (this.#header && !existsSync(file)) this.write(JOURNAL, journalText(this.#header, this.#journaled));
    else this.#guarded(JOURNAL, () => writeAll(file, "a", journalLine(run)));
  }

  /** The results are written: the journal has done its work. */
  endJournal(): void {
    rmSync(join(this.path, JOURNAL), { force: true });
  }

  /**
   * Writes a file as a whole or not at all. The folder is made again where it is gone.
   *
   * @param content the text, its bytes, or its pieces in order
   * @throws SluiceError `results_invalid`
   */
  write(name: string, content: string | Uint8Array | Iterable<string>): void {
    const file = join(this.path, name);
    this.#guarded(name, () => {
      mkdirSync(this.path, { recursive: true });
      try {
        writeAll(
          `${file}.part`,
          "w",
          typeof content === "string" || content instanceof Uint8Array ? [content] : content,
        );
        renameSync(`${file}.part`, file);
      } catch (error) {
        rmSync(`${file}.part`, { force: true, recursive: true });
        throw error;
      }
    });
  }

  /** Takes the folder away: nothing was measured. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Takes the folder away unless the journal holds a run. */
  removeUnlessMeasured(): void {
    if ((readJournal(this.path)?.runs ?? []).length === 0) this.remove();
  }

  #guarded(name: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      if (error instanceof SluiceError) throw error;
      const kept = this.#journaled.length;
      const rest = existsSync(join(this.path, JOURNAL))
        ? `; what was measured before is kept: make room and go on with the same command line and --resume ${this.path}`
        : "; name another folder";
      const message = `cannot write ${join(this.path, name)} (${reasonOf(error)})${kept > 0 ? rest : "; name another folder"}`;
      throw new SluiceError("results_invalid", message, { cause: error });
    }
  }
}

function* journalText(header: JournalHeader, runs: readonly RunResult[]): Generator<string> {
  yield formatHeader(header);
  for (const run of runs) yield* journalLine(run);
}

function* journalLine(run: RunResult): Generator<string> {
  yield* runText(run);
  yield "\n";
}

function writeAll(file: string, flags: "a" | "w", pieces: Iterable<string | Uint8Array>): void {
  const descriptor = openSync(file, flags);
  try {
    let pending: string[] = [];
    let length = 0;
    const flush = (): void => {
      writeWhole(descriptor, Buffer.from(pending.join("")));
      pending = [];
      length = 0;
    };
    for (const piece of pieces) {
      if (typeof piece !== "string") {
        writeWhole(descriptor, piece);
        continue;
      }
      pending.push(piece);
      length += piece.length;
      if (length >= WRITE_AT_ONCE) flush();
    }
    flush();
  } finally {
    closeSync(descriptor);
  }
}

/** A disk that is nearly full takes a part and says so the next time. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "no permission",
};

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined ? String(error) : (REASONS[code] ?? code);
}

/** Like `mkdir -p`, which in Node.js never returns where a folder above cannot be made at all (below /proc). */
function makeFolder(folder: string): void {
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Two commands may start in the same second. */
function firstFree(folder: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? folder : `${folder}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/** Local time, sortable, and fit for a file name on every system. */
function timestamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${date}T${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`;
}
