import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ResultsFolder } from "./folder.js";
import { type JournalHeader, readJournal } from "./journal.js";
import { resultsOf, runOf } from "./results.fixture.js";

const base = mkdtempSync(join(tmpdir(), "sluice-folder-"));
function header(command: string, settings: JournalHeader["settings"] = {}): JournalHeader {
  const { runs: _, ...head } = resultsOf({ settings });
  return { command, ...head };
}

const now = new Date(2026, 0, 2, 3, 4, 5);

describe("the results folder", () => {
  it("never overwrites one", () => {
    const path = join(base, "new", "one");
    ResultsFolder.create(path, "bench", now).write("a.txt", "hello");
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("hello");
    expect(readdirSync(path)).toEqual(["a.txt"]);
    expect(() => ResultsFolder.create(path, "bench", now)).toThrow(/exists, and results are never overwritten/);
  });

  it("cannot lie below a file", () => {
    const path = join(base, "file-parent");
    ResultsFolder.create(path, "bench", now).write("f", "");
    expect(() => ResultsFolder.create(join(path, "f", "x"), "bench", now)).toThrow(/cannot make the results folder/);
  });

  it("goes on where an interrupted command ended, without the run that was cut short", () => {
    const path = join(base, "journal");
    const folder = ResultsFolder.create(path, "sweep", now);
    folder.beginJournal(header("sweep", { a: 1 }));
    folder.journal(runOf({ run: 1 }));
    appendFileSync(join(path, "runs.jsonl"), '{"label": "cut sh');
    const { folder: again, done } = ResultsFolder.resume(path, "sweep", { a: 1 });
    expect(done.map((run) => run.run)).toEqual([1]);
    again.beginJournal(header("sweep", { a: 1 }), done);
    again.journal(runOf({ run: 2 }));
    expect(ResultsFolder.resume(path, "sweep", { a: 1 }).done.map((run) => run.run)).toEqual([1, 2]);
    expect(() => ResultsFolder.resume(path, "sweep", { a: 2 })).toThrow(/begun with other settings/);
    expect(() => ResultsFolder.resume(join(base, "new", "one"), "sweep", {})).toThrow(/holds no interrupted run/);
  });

  it("goes away when nothing was measured, and stays when something was", () => {
    const empty = ResultsFolder.create(join(base, "empty"), "bench", now);
    empty.beginJournal(header("bench", {}));
    empty.removeUnlessMeasured();
    expect(existsSync(empty.path)).toBe(false);
    const measured = ResultsFolder.create(join(base, "measured"), "bench", now);
    measured.beginJournal(header("bench", {}));
    measured.journal(runOf());
    measured.removeUnlessMeasured();
    expect(existsSync(measured.path)).toBe(true);
  });

  it("is made again with all that was measured where somebody takes it away", () => {
    const folder = ResultsFolder.create(join(base, "taken", "away"), "bench", now);
    folder.beginJournal(header("bench"));
    folder.journal(runOf({ run: 1 }));
    rmSync(join(base, "taken"), { recursive: true });
    folder.journal(runOf({ run: 2 }));
    expect(readJournal(folder.path)?.runs.map((run) => run.run)).toEqual([1, 2]);
    rmSync(join(base, "taken"), { recursive: true });
    folder.write("results.json", ["a", "b"]);
    expect(readFileSync(join(folder.path, "results.json"), "utf8")).toBe("ab");
  });

  it("says which file cannot be written, why, and what is kept", () => {
    const folder = ResultsFolder.create(join(base, "unwritable"), "bench", now);
    folder.beginJournal(header("bench"));
    folder.journal(runOf());
    mkdirSync(join(folder.path, "results.json.part"));
    expect(() => folder.write("results.json", "x")).toThrow(
      /cannot write .*results\.json \(EISDIR\); what was measured before is kept: .*--resume/,
    );
  });
});
