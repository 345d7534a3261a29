/** `benchmark_detailed_metrics.csv`, written while requests end: there may be too many to keep. */
import { closeSync, existsSync, ftruncateSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DETAILS_HEADER, detailsRow, type RunPlace } from "./csv.js";
import type { ResultsFolder } from "./folder.js";
import type { RequestRecord, RunResult } from "./schema.js";

const NAME = "benchmark_detailed_metrics.csv";

/** So much text is made into bytes at once; more is memory for nothing. */
const ROWS_PER_WRITE = 1_000;
/** Rows are sorted by number within as many, so that a run of ordinary length is in order. */
const ROWS_AT_ONCE = 20_000;

export class DetailsFile {
  readonly #part: string;
  readonly #descriptor: number;
  #bytes = 0;
  #runBegan = 0;
  #rows: { readonly seq: number; readonly text: string }[] = [];
  /** A disk that fills up ends this file; what was measured is worth more, and is written by others. */
  #failure: unknown;

  /** @param done runs of an interrupted command, whose rows come first */
  constructor(
    private readonly folder: ResultsFolder,
    done: readonly RunResult[],
  ) {
    this.#part = `${join(folder.path, NAME)}.part`;
    this.#descriptor = openSync(this.#part, "w");
    this.#append(DETAILS_HEADER);
    for (const run of done) {
      for (const record of run.requests) this.add(record, run);
      this.endRun(true);
    }
  }

  add(record: RequestRecord, run: RunPlace): void {
    this.#rows.push({ seq: record.seq, text: detailsRow(record, run) });
    if (this.#rows.length >= ROWS_AT_ONCE) this.#flush();
  }

  /** @param counts false: the run was not measured to its end, and its rows go */
  endRun(counts: boolean): void {
    if (counts) this.#flush();
    else {
      this.#rows = [];
      ftruncateSync(this.#descriptor, this.#runBegan);
      this.#bytes = this.#runBegan;
    }
    this.#runBegan = this.#bytes;
  }

  /**
   * Puts the file in its place.
   *
   * @param runs to write it from once more where somebody took it away
   * @throws SluiceError `results_invalid`
   */
  finish(runs: readonly RunResult[]): void {
    closeSync(this.#descriptor);
    const whole = this.#failure === undefined && existsSync(this.#part);
    if (whole) renameSync(this.#part, join(this.folder.path, NAME));
    else this.folder.write(NAME, rowsOf(runs));
  }

  #flush(): void {
    const texts = this.#rows.sort((a, b) => a.seq - b.seq).map((row) => row.text);
    this.#rows = [];
    for (let from = 0; from < texts.length; from += ROWS_PER_WRITE) {
      this.#append(texts.slice(from, from + ROWS_PER_WRITE).join(""));
    }
  }

  #append(text: string): void {
    if (this.#failure !== undefined) return;
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor, bytes, done, undefined, this.#bytes + done);
      this.#bytes += bytes.length;
    } catch (error) {
      this.#failure = error;
    }
  }
}

function* rowsOf(runs: readonly RunResult[]): Generator<string> {
  yield DETAILS_HEADER;
  for (const run of runs) for (const record of run.requests) yield detailsRow(record, run);
}
