/** The results folder: never one that exists, whole files only, and a journal that survives an interruption. */
import {
  accessSync,
  appendFileSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../errors.js";
import type { RunResult } from "./schema.js";

const JOURNAL = "runs.jsonl";

/** The first line of a journal: what the interrupted command was. */
interface JournalHeader {
  readonly command: string;
  readonly settings: unknown;
}

export class ResultsFolder {
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
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new SluiceError("results_invalid", `cannot make the results folder ${folder} (${reason}); name another`, {
        cause: error,
      });
    }
    return new ResultsFolder(folder);
  }

  /**
   * Opens the folder of an interrupted command and reads what it had measured.
   *
   * @throws SluiceError `results_invalid` when there is no journal, or one of other settings
   */
  static resume(path: string, command: string, settings: unknown): { folder: ResultsFolder; done: RunResult[] } {
    const folder = new ResultsFolder(resolve(path));
    const file = join(folder.path, JOURNAL);
    if (!existsSync(file)) {
      throw new SluiceError("results_invalid", `${folder.path} holds no interrupted run (${JOURNAL} is missing)`);
    }
    const [first = "", ...lines] = readFileSync(file, "utf8").split("\n");
    const header = wholeLine<JournalHeader>(first)[0];
    if (header?.command !== command || JSON.stringify(header.settings) !== JSON.stringify(settings)) {
      throw new SluiceError(
        "results_invalid",
        `${folder.path} was begun with other settings; give the same command line and --resume`,
      );
    }
    const done = lines.flatMap(wholeLine<RunResult>);
    folder.beginJournal(command, settings);
    for (const run of done) folder.journal(run);
    return { folder, done };
  }

  /** Begins the journal. Settings must be plain data. */
  beginJournal(command: string, settings: unknown): void {
    writeFileSync(join(this.path, JOURNAL), `${JSON.stringify({ command, settings } satisfies JournalHeader)}\n`);
  }

  /** Keeps a run that was measured, whatever happens to the command afterwards. */
  journal(run: RunResult): void {
    appendFileSync(join(this.path, JOURNAL), `${JSON.stringify(run)}\n`);
  }

  /** The results are written: the journal has done its work. */
  endJournal(): void {
    rmSync(join(this.path, JOURNAL), { force: true });
  }

  /** Writes a file as a whole or not at all. */
  write(name: string, content: string): void {
    const file = join(this.path, name);
    writeFileSync(`${file}.part`, content);
    renameSync(`${file}.part`, file);
  }

  /** Takes the folder away: nothing was measured. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Takes the folder away unless the journal holds a run. */
  removeUnlessMeasured(): void {
    const file = join(this.path, JOURNAL);
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    if (lines.slice(1).flatMap(wholeLine).length === 0) this.remove();
  }
}

/** The last line of a journal may be cut short: that run is made again. */
function wholeLine<T>(line: string): T[] {
  if (line === "") return [];
  try {
    return [JSON.parse(line) as T];
  } catch {
    return [];
  }
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
